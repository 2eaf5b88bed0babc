//! What is probed, and as whom.

use sqlx::{AssertSqlSafe, Row, postgres::PgConnection};

use crate::audit::{AuditError, catalog, convention::View};

/// A relation that the role reaches.
#[derive(Clone, Debug)]
pub(in crate::audit) struct Target {
    /// With its schema, quoted by the server.
    pub(super) name: String,
    /// A table with the tenant's column, and that column's type.
    pub(in crate::audit) tenant_type: Option<String>,
    /// The role may read it.
    pub(super) readable: bool,
    /// The columns that a copy of a row names, quoted, without the tenant's.
    pub(super) columns: Vec<String>,
}

const TARGETS: &str = "SELECT r.name, CASE WHEN r.relkind IN ('r', 'p') AND NOT r.global THEN format_type(r.tenant_type, NULL) END, \
    r.relkind IN ('r', 'p', 'v') AND NOT r.global AND has_table_privilege(r.role, r.oid, 'SELECT'), \
    (SELECT array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a \
      WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attnum IS DISTINCT FROM r.tenant)::text[] \
    FROM relation r ORDER BY 1";

impl Target {
    /// Every relation that the role reaches: one round trip.
    pub(in crate::audit) async fn all(
        connection: &mut PgConnection,
        view: &View,
    ) -> Result<Vec<Self>, AuditError> {
        let rows = catalog::select(connection, view, TARGETS).await?;
        let target = |row: &sqlx::postgres::PgRow| {
            Ok(Self {
                name: row.try_get(0)?,
                tenant_type: row.try_get(1)?,
                readable: row.try_get(2)?,
                columns: row.try_get::<Option<_>, _>(3)?.unwrap_or_default(),
            })
        };
        Ok(rows.iter().map(target).collect::<sqlx::Result<_>>()?)
    }
}

/// Takes the role's place for the rest of the session. `false` when the session's own role may not.
pub(in crate::audit) async fn become_role(
    connection: &mut PgConnection,
    role: &str,
) -> Result<bool, AuditError> {
    let text = format!("SET ROLE {}", catalog::literal(role)?);
    match sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
