//! A tenant's table, as DDL.

use std::fmt::Write;

use super::{COLUMN, Fence, Identifier, ParseIdentifierError};

/// A table of tenants' rows: the tenant column, keys that begin with it, and the fence.
///
/// Every key, unique constraint and reference begins with `tenant_id`: PostgreSQL checks them past row-level security, so
/// that one without it would tell a tenant of another's rows, or let it point at them.
#[derive(Clone, Debug)]
pub struct TenantTable {
    fence: Fence,
    columns: Vec<(Identifier, &'static str)>,
    key: Vec<Identifier>,
    unique: Vec<Vec<Identifier>>,
    references: Vec<(Identifier, Identifier)>,
}

impl TenantTable {
    /// A table `schema.name`, with the tenant column alone.
    ///
    /// # Errors
    ///
    /// When one of them is no identifier.
    pub fn new(schema: &str, name: &str) -> Result<Self, ParseIdentifierError> {
        Ok(Self {
            fence: Fence::new(schema, name)?,
            columns: Vec::new(),
            key: Vec::new(),
            unique: Vec::new(),
            references: Vec::new(),
        })
    }

    /// Adds a column with its type and constraints, as SQL.
    ///
    /// # Errors
    ///
    /// When `name` is no identifier.
    pub fn column(mut self, name: &str, definition: &'static str) -> Result<Self, ParseIdentifierError> {
        self.columns.push((name.parse()?, definition));
        Ok(self)
    }

    /// Sets the primary key, within the tenant.
    ///
    /// # Errors
    ///
    /// When one of `columns` is no identifier.
    pub fn key(mut self, columns: &[&str]) -> Result<Self, ParseIdentifierError> {
        self.key = identifiers(columns)?;
        Ok(self)
    }

    /// Adds a unique constraint, within the tenant.
    ///
    /// # Errors
    ///
    /// When one of `columns` is no identifier.
    pub fn unique(mut self, columns: &[&str]) -> Result<Self, ParseIdentifierError> {
        self.unique.push(identifiers(columns)?);
        Ok(self)
    }

    /// `column` refers to the `id` of a row of the same tenant in `table`, and goes with it.
    ///
    /// # Errors
    ///
    /// When one of them is no identifier.
    pub fn belongs_to(mut self, column: &str, table: &str) -> Result<Self, ParseIdentifierError> {
        self.references.push((column.parse()?, table.parse()?));
        Ok(self)
    }

    /// The DDL: the table and its fence.
    #[must_use]
    pub fn render(&self) -> String {
        let mut lines = vec![format!(
            "{COLUMN} uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK ({COLUMN} <> '00000000-0000-0000-0000-000000000000')"
        )];
        lines.extend(
            self.columns
                .iter()
                .map(|(name, definition)| format!("{name} {definition}")),
        );
        lines.push(format!("PRIMARY KEY ({})", within_tenant(&self.key)));
        lines.extend(
            self.unique
                .iter()
                .map(|columns| format!("UNIQUE ({})", within_tenant(columns))),
        );
        lines.extend(self.references.iter().map(|(column, table)| {
            format!("FOREIGN KEY ({COLUMN}, {column}) REFERENCES {table} ({COLUMN}, id) ON DELETE CASCADE")
        }));
        let mut text = String::new();
        // the formatter of a String does not fail
        let _ = writeln!(
            text,
            "CREATE TABLE {} (\n  {}\n);",
            self.fence.name(),
            lines.join(",\n  ")
        );
        text + &self.fence.render()
    }
}

fn identifiers(names: &[&str]) -> Result<Vec<Identifier>, ParseIdentifierError> {
    names.iter().map(|name| name.parse()).collect()
}

fn within_tenant(columns: &[Identifier]) -> String {
    let mut all = vec![COLUMN];
    all.extend(columns.iter().map(Identifier::as_str));
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ddl_of_a_table() {
        let table = TenantTable::new("public", "photos").unwrap();
        let table = table
            .column("id", "uuid NOT NULL")
            .unwrap()
            .column("trip", "uuid NOT NULL")
            .unwrap();
        let table = table
            .key(&["id"])
            .unwrap()
            .unique(&["trip", "id"])
            .unwrap()
            .belongs_to("trip", "trips")
            .unwrap();
        assert_eq!(
            table.render(),
            "\
CREATE TABLE public.photos (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  id uuid NOT NULL,
  trip uuid NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, trip, id),
  FOREIGN KEY (tenant_id, trip) REFERENCES trips (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE public.photos ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.photos FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.photos AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.photos AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
"
        );
    }

    #[test]
    fn a_hostile_name_is_no_identifier() {
        for name in ["", "1a", "A", "a b", "a\"b", "a;drop", "ä", &"x".repeat(64)] {
            assert!(TenantTable::new("public", name).is_err(), "{name}");
        }
    }
}
