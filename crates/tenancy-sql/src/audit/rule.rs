//! A rule: a question to the catalog, whose rows are findings.

use sqlx::{Row, postgres::PgConnection};

use super::Finding;

/// A rule: a question to the catalog, asked as the role that will serve. Each row of the answer is a finding: the object,
/// what is wrong, and the statement that mends it.
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) sql: &'static str,
}

impl Rule {
    pub(super) async fn ask(&self, connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
        let rows = sqlx::query(self.sql).fetch_all(connection).await?;
        let finding = |row: sqlx::postgres::PgRow| {
            Ok(Finding {
                rule: self.id,
                object: row.try_get(0)?,
                problem: row.try_get(1)?,
                remedy: row.try_get(2)?,
            })
        };
        rows.into_iter().map(finding).collect()
    }
}

/// Every table, view and the like on which the role has any right: what it can't reach needs no fence. The right alone
/// counts: through a view it reaches a table whose schema it may not use.
macro_rules! reachable {
    () => {
        "WITH reachable AS (
            SELECT c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
                   format('%I.%I', n.nspname, c.relname) AS name,
                   (SELECT a.attnum FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS tenant
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
              -- a superuser reaches everything, which is one finding and not one for each table
              AND NOT (SELECT me.rolsuper FROM pg_roles me WHERE me.rolname = current_user)
              AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
              AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                   OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
        ) "
    };
}
pub(super) use reachable;
