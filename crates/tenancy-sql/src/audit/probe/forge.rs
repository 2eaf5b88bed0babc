//! As one tenant, a row of another is not written.

use sqlx::{AssertSqlSafe, postgres::PgConnection};

use super::{
    Target,
    foreign::{Pair, column},
    rules,
};
use crate::audit::{AuditError, Finding, catalog::literal, convention::View};

/// Tries to insert a row for the other tenant, to give one away, and to delete one of the other's. The caller has begun a
/// transaction as the first tenant, and rolls it back.
pub(super) async fn ask(
    connection: &mut PgConnection,
    view: &View,
    (target, pair): (&Target, &Pair),
) -> Result<Vec<Finding>, AuditError> {
    let (name, column, other) = (&target.name, column(view), literal(&pair.other)?);
    let columns: String = target
        .columns
        .iter()
        .map(|column| format!(", {column}"))
        .collect();
    let own = format!(
        "FROM {name} WHERE {column}::text = {} LIMIT 1",
        literal(&pair.one)?
    );
    let attempts = [
        (
            "takes a new row for another tenant",
            format!(
                "INSERT INTO {name} ({column}{columns}) OVERRIDING SYSTEM VALUE SELECT {other}{columns} {own}"
            ),
        ),
        (
            "lets a row be given to another tenant",
            format!("UPDATE {name} SET {column} = {other} WHERE ctid = (SELECT ctid {own})"),
        ),
        (
            "lets another tenant's row be deleted",
            format!("DELETE FROM {name} WHERE {column} = {other}"),
        ),
    ];
    let mut findings = Vec::new();
    for (problem, text) in attempts {
        if done(connection, text).await? {
            findings.push(rules::finding(
                &rules::FORGED,
                name,
                &view.role,
                problem.to_owned(),
            ));
        }
    }
    Ok(findings)
}

/// A refusal of any kind is no write; so is a statement that found no row.
async fn done(connection: &mut PgConnection, text: String) -> Result<bool, AuditError> {
    sqlx::raw_sql("SAVEPOINT probe").execute(&mut *connection).await?;
    let done = match sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection).await {
        Ok(done) => done.rows_affected() > 0,
        Err(sqlx::Error::Database(_)) => false,
        Err(error) => return Err(error.into()),
    };
    sqlx::raw_sql("ROLLBACK TO probe").execute(connection).await?;
    Ok(done)
}
