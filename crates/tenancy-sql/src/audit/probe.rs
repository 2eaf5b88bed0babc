//! Looks for itself: without a tenant, and as a tenant that does not exist, no table shows a row.

use sqlx::{AssertSqlSafe, Executor, Row, postgres::PgConnection};
use tenancy_core::TenantId;

use super::{Finding, rule::reachable};

const TABLES: &str = concat!(
    reachable!(),
    "SELECT name FROM reachable WHERE relkind IN ('r', 'p', 'v') AND has_table_privilege(oid, 'SELECT') ORDER BY 1"
);

pub(super) async fn ask(connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    let rows = sqlx::query(TABLES).fetch_all(&mut *connection).await?;
    let role: String = sqlx::query_scalar("SELECT quote_ident(current_user)")
        .fetch_one(&mut *connection)
        .await?;
    let tables: Vec<String> = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<sqlx::Result<_>>()?;
    let mut findings = Vec::new();
    for table in &tables {
        if shows_rows(connection, table).await? {
            findings.push(finding(table, &role, "shows rows to a session without a tenant"));
        }
    }
    let stranger = format!("SET app.current_tenant = '{}'", TenantId::new());
    connection.execute(AssertSqlSafe(stranger)).await?;
    for table in &tables {
        if shows_rows(connection, table).await? {
            findings.push(finding(
                table,
                &role,
                "shows rows to a tenant that does not exist",
            ));
        }
    }
    Ok(findings)
}

/// An error of the statement is a fence that holds; the name was quoted by the server.
async fn shows_rows(connection: &mut PgConnection, table: &str) -> sqlx::Result<bool> {
    let text = format!("SELECT EXISTS (SELECT FROM {table})");
    match sqlx::query_scalar(AssertSqlSafe(text))
        .persistent(false)
        .fetch_one(connection)
        .await
    {
        Ok(shown) => Ok(shown),
        Err(sqlx::Error::Database(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn finding(table: &str, role: &str, problem: &str) -> Finding {
    Finding {
        rule: "probe",
        object: table.to_owned(),
        problem: problem.to_owned(),
        remedy: format!("REVOKE ALL ON {table} FROM PUBLIC, {role}"),
    }
}
