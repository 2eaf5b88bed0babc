//! The fence around one table.

use super::{Identifier, ParseIdentifierError};

/// The column that says whose row it is.
pub(super) const COLUMN: &str = "tenant_id";
/// How a comment on a table begins that says why it is fenced for no tenant; only the owner can write it.
pub(super) const GLOBAL_MARK: &str = "tenancy: global: ";
/// The permissive policy: the tenant's rows.
pub(super) const ROWS: &str = "tenant_rows";
/// The restrictive policy: no careless permissive one beside it can widen what a tenant sees.
pub(super) const WALL: &str = "tenant_wall";
/// In a sub-select, so that it is computed once a statement and not once a row.
pub(super) const PREDICATE: &str = "tenant_id = (SELECT tenancy.current_tenant())";

/// The fence around one table that has the column `tenant_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    schema: Identifier,
    table: Identifier,
}

impl Fence {
    /// The fence around `schema.table`.
    ///
    /// # Errors
    ///
    /// When one of them is no identifier.
    pub fn new(schema: &str, table: &str) -> Result<Self, ParseIdentifierError> {
        Ok(Self {
            schema: schema.parse()?,
            table: table.parse()?,
        })
    }

    /// `schema.table`, as it stands in the DDL.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.schema, self.table)
    }

    /// The statements: row-level security on, and for the owner too; the tenant's rows; the wall. To PUBLIC, so that a
    /// role that is made later is fenced as well.
    #[must_use]
    pub fn render(&self) -> String {
        let name = self.name();
        let policy = |policy: &str, kind: &str| {
            format!(
                "CREATE POLICY {policy} ON {name} AS {kind} FOR ALL TO PUBLIC\n  USING ({PREDICATE}) WITH CHECK ({PREDICATE});\n"
            )
        };
        format!(
            "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {name} FORCE ROW LEVEL SECURITY;\n{}{}",
            policy(ROWS, "PERMISSIVE"),
            policy(WALL, "RESTRICTIVE"),
        )
    }
}
