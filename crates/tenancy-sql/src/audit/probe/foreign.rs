//! As one of two tenants that are there, no row of the other.

use sqlx::{AssertSqlSafe, Row, postgres::PgConnection};

use super::{Probe, Target, become_role, forge, rules};
use crate::audit::{AuditError, Finding, catalog::literal, convention::View};

/// Two tenants with rows in one table.
pub(super) struct Pair {
    pub(super) one: String,
    pub(super) other: String,
}

/// What two tenants were tried on.
#[derive(Default)]
pub(in crate::audit) struct Tried {
    pub(in crate::audit) findings: Vec<Finding>,
    /// Tables in which rows of two tenants were found.
    pub(in crate::audit) tables: usize,
}

/// Finds two tenants in each table as the session's own role, and reads (and writes) as the first of them in the place of
/// `role`: five round trips a table, three more for writes. The session is the session's own role's again afterwards.
pub(in crate::audit) async fn ask(
    connection: &mut PgConnection,
    view: &View,
    (targets, probe): (&[Target], Probe),
) -> Result<Tried, AuditError> {
    let mut tried = Tried::default();
    for target in targets
        .iter()
        .filter(|target| target.readable && target.tenant_type.is_some())
    {
        let Some(pair) = pair(connection, view, target).await? else {
            continue;
        };
        if !begin(connection, view, &pair).await? {
            break;
        }
        tried.tables += 1;
        if shows(connection, view, target, &pair).await? {
            let problem = "shows a row of another tenant".to_owned();
            tried
                .findings
                .push(rules::finding(&rules::FOREIGN, &target.name, &view.role, problem));
        }
        if probe == Probe::Writes {
            tried
                .findings
                .extend(forge::ask(connection, view, (target, &pair)).await?);
        }
        sqlx::raw_sql("ROLLBACK; RESET ROLE")
            .execute(&mut *connection)
            .await?;
    }
    Ok(tried)
}

/// The first and the last tenant of a table, which an index finds at once. None where they are one, or can't be seen.
async fn pair(
    connection: &mut PgConnection,
    view: &View,
    target: &Target,
) -> Result<Option<Pair>, AuditError> {
    let (name, column) = (&target.name, column(view));
    let text = format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = '5s'; \
         SELECT (SELECT {column}::text FROM {name} ORDER BY {column} LIMIT 1) AS one, \
                (SELECT {column}::text FROM {name} ORDER BY {column} DESC LIMIT 1) AS other; ROLLBACK"
    );
    let rows = match sqlx::raw_sql(AssertSqlSafe(text))
        .fetch_all(&mut *connection)
        .await
    {
        Ok(rows) => rows,
        Err(sqlx::Error::Database(_)) => {
            sqlx::raw_sql("ROLLBACK").execute(connection).await?;
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let (one, other): (Option<String>, Option<String>) = (row.try_get("one")?, row.try_get("other")?);
    Ok(one
        .zip(other)
        .filter(|(one, other)| one != other)
        .map(|(one, other)| Pair { one, other }))
}

async fn begin(connection: &mut PgConnection, view: &View, pair: &Pair) -> Result<bool, AuditError> {
    if !become_role(connection, &view.role).await? {
        return Ok(false);
    }
    let text = format!(
        "BEGIN; SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '1s'; SELECT pg_catalog.set_config({}, {}, true)",
        literal(&view.convention.setting)?,
        literal(&pair.one)?
    );
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await?;
    Ok(true)
}

async fn shows(
    connection: &mut PgConnection,
    view: &View,
    target: &Target,
    pair: &Pair,
) -> Result<bool, AuditError> {
    let text = format!(
        "SAVEPOINT probe; SELECT EXISTS (SELECT FROM {} WHERE {}::text IS DISTINCT FROM {}) AS shown",
        target.name,
        column(view),
        literal(&pair.one)?
    );
    match sqlx::raw_sql(AssertSqlSafe(text))
        .fetch_one(&mut *connection)
        .await
    {
        Ok(row) => Ok(row.try_get("shown")?),
        Err(sqlx::Error::Database(_)) => {
            sqlx::raw_sql("ROLLBACK TO probe").execute(connection).await?;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// The tenant's column, quoted.
pub(super) fn column(view: &View) -> String {
    rules::quoted(&view.convention.column)
}
