//! Without a tenant, and as a tenant that does not exist, no relation shows a row.

use sqlx::{AssertSqlSafe, Row, postgres::PgConnection};
use uuid::Uuid;

use super::{Target, rules};
use crate::audit::{AuditError, Finding, catalog::literal, convention::View, rule::Rule};

/// Tries every relation in one statement, since each refusal would end a transaction. A refusal is a fence that holds.
const TRY: &str = "DO $tenancy_audit$
DECLARE relation text; shown boolean; list text[] := '{}';
BEGIN
    FOREACH relation IN ARRAY pg_catalog.string_to_array(pg_catalog.current_setting('tenancy_audit.relations'), pg_catalog.chr(10)) LOOP
        BEGIN
            EXECUTE 'SELECT EXISTS (SELECT FROM ' || relation || ')' INTO shown;
            IF shown THEN list := list || relation; END IF;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    PERFORM pg_catalog.set_config('tenancy_audit.shown', pg_catalog.array_to_string(list, pg_catalog.chr(10)), true);
END $tenancy_audit$";

/// Reads as nobody and as a stranger: two round trips, and one for each relation where that can't be done at once.
pub(in crate::audit) async fn ask(
    connection: &mut PgConnection,
    view: &View,
    targets: &[Target],
) -> Result<Vec<Finding>, AuditError> {
    let names: Vec<&str> = targets
        .iter()
        .filter(|t| t.readable)
        .map(|t| t.name.as_str())
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let setting = literal(&view.convention.setting)?;
    let probes: [(&Rule, String, &str); 2] = [
        (
            &rules::NO_TENANT,
            String::new(),
            "shows rows to a session without a tenant",
        ),
        (
            &rules::STRANGER,
            format!(
                "SELECT pg_catalog.set_config({setting}, {}, true); ",
                literal(&stranger_of(targets))?
            ),
            "shows rows to a tenant that does not exist",
        ),
    ];
    let mut findings = Vec::new();
    for (rule, scope, problem) in probes {
        for relation in shown(connection, &names, &scope).await? {
            findings.push(rules::finding(rule, &relation, &view.role, problem.to_owned()));
        }
    }
    Ok(findings)
}

/// A tenant that is nobody, in a form that the setting can have.
fn stranger_of(targets: &[Target]) -> String {
    let numbers = ["bigint", "integer", "smallint"];
    let number = targets
        .iter()
        .filter_map(|target| target.tenant_type.as_deref())
        .any(|name| numbers.contains(&name));
    if number {
        "-32768".to_owned()
    } else {
        Uuid::now_v7().to_string()
    }
}

async fn shown(
    connection: &mut PgConnection,
    names: &[&str],
    scope: &str,
) -> Result<Vec<String>, AuditError> {
    let list = literal(&names.join("\n"))?;
    let text = format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '2s'; \
         SELECT pg_catalog.set_config('tenancy_audit.relations', {list}, true); {scope}{TRY}; \
         SELECT pg_catalog.current_setting('tenancy_audit.shown') AS shown; ROLLBACK"
    );
    match sqlx::raw_sql(AssertSqlSafe(text))
        .fetch_all(&mut *connection)
        .await
    {
        Ok(rows) => {
            let last = rows.last().ok_or(sqlx::Error::RowNotFound)?;
            let shown: String = last.try_get("shown")?;
            Ok(shown.lines().map(str::to_owned).collect())
        }
        Err(sqlx::Error::Database(_)) => one_by_one(connection, names, scope).await,
        Err(error) => Err(error.into()),
    }
}

/// Where there is no PL/pgSQL, or one relation is slow.
async fn one_by_one(
    connection: &mut PgConnection,
    names: &[&str],
    scope: &str,
) -> Result<Vec<String>, AuditError> {
    let mut shown = Vec::new();
    for name in names {
        let text = format!(
            "ROLLBACK; BEGIN READ ONLY; SET LOCAL statement_timeout = '2s'; {scope}SELECT EXISTS (SELECT FROM {name}) AS shown; ROLLBACK"
        );
        match sqlx::raw_sql(AssertSqlSafe(text))
            .fetch_all(&mut *connection)
            .await
        {
            Ok(rows) => {
                let last = rows.last().ok_or(sqlx::Error::RowNotFound)?;
                if last.try_get::<bool, _>("shown")? {
                    shown.push((*name).to_owned());
                }
            }
            // what took too long is not known to be fenced
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("57014") => {
                return Err(AuditError::Slow);
            }
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    sqlx::raw_sql("ROLLBACK").execute(connection).await?;
    Ok(shown)
}
