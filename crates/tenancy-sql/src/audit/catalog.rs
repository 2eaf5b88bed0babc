//! Puts the questions of all rules into one message.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, Row, postgres::PgConnection, postgres::PgRow};

use super::{AuditError, Finding, convention::View, rule::Rule, rules};

/// What the rules ask of, with `:'name'` where a value goes.
const CATALOG: &str = include_str!("catalog.sql");

/// What the seal's functions do: they run as their owner, and that is what they are for.
const SEALED: [&str; 3] = [
    include_str!("../seal/sql/current_tenant.sql"),
    include_str!("../seal/sql/hello.sql"),
    include_str!("../seal/sql/open.sql"),
];

/// Names in the answers are written with their schema; nothing is changed; nobody waits for long.
const BEFORE: &str = "SET LOCAL search_path = pg_catalog; \
    SET LOCAL transaction_read_only = on; SET LOCAL jit = off; SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '5s';\n";

/// Asks all rules, in one round trip.
pub(super) async fn ask(connection: &mut PgConnection, view: &View) -> Result<Vec<Finding>, AuditError> {
    let catalog = catalog(view)?;
    let mut text = String::from("BEGIN; ") + BEFORE;
    for rule in rules::catalog() {
        question(&mut text, &catalog, rule);
    }
    text.push_str("ROLLBACK");
    let rows = sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(connection).await?;
    let ours = view.convention.is_ours();
    rows.iter().map(|row| Ok(finding(row, ours)?)).collect()
}

/// Rows of one more question, behind the same catalog.
pub(super) async fn select(
    connection: &mut PgConnection,
    view: &View,
    question: &str,
) -> Result<Vec<PgRow>, AuditError> {
    let catalog = catalog(view)?;
    let text = format!("BEGIN; {BEFORE}{catalog}{question}; ROLLBACK");
    Ok(sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(connection).await?)
}

fn question(text: &mut String, catalog: &str, rule: &Rule) {
    // the formatter of a String does not fail
    let _ = writeln!(
        text,
        "{catalog}SELECT '{}', q.object, q.problem, q.remedy FROM ({}) AS q (object, problem, remedy) ORDER BY 2, 3;",
        rule.id, rule.sql
    );
}

fn finding(row: &PgRow, ours: bool) -> sqlx::Result<Finding> {
    let id: String = row.try_get(0)?;
    let rule = rules::all().find(|rule| rule.id == id);
    let rule = rule.ok_or_else(|| sqlx::Error::Decode(format!("no rule `{id}`").into()))?;
    Ok(Finding {
        rule: rule.id,
        severity: rule.level.severity(ours),
        object: row.try_get(1)?,
        problem: row.try_get(2)?,
        remedy: row.try_get(3)?,
    })
}

fn catalog(view: &View) -> Result<String, AuditError> {
    let schemas: Vec<String> = view.schemas.iter().map(|name| element(name)).collect();
    let sealed = SEALED.map(element);
    let convention = &view.convention;
    let values = [
        ("role", view.role.as_str()),
        ("column", &convention.column),
        ("setting", &convention.setting),
        ("function", convention.function.as_deref().unwrap_or_default()),
        ("schemas", &format!("{{{}}}", schemas.join(","))),
        ("sealed", &format!("{{{}}}", sealed.join(","))),
    ];
    let mut text = CATALOG.to_owned();
    for (name, value) in values {
        text = text.replace(&format!(":'{name}'"), &literal(value)?);
    }
    Ok(text)
}

/// An element of an array's literal.
fn element(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', r"\\").replace('"', "\\\""))
}

/// A literal. Strings conform to the standard in the auditor's sessions: a quote is doubled, and a backslash is one.
pub(super) fn literal(value: &str) -> Result<String, AuditError> {
    if value.contains('\0') {
        return Err(AuditError::Name(value.replace('\0', "\\0")));
    }
    Ok(format!("'{}'", value.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Convention;

    #[test]
    fn a_value_is_a_literal_and_nothing_else() {
        for (value, expect) in [
            ("app", "'app'"),
            ("o'neil", "'o''neil'"),
            ("'; DROP TABLE x; --", "'''; DROP TABLE x; --'"),
        ] {
            assert_eq!(literal(value).unwrap(), expect);
        }
        assert!(literal("a\0b").is_err());
    }

    #[test]
    fn each_value_of_the_catalog_is_filled_in() {
        let text = catalog(&View {
            role: "role".to_owned(),
            convention: Convention::ours(),
            schemas: vec!["public".to_owned()],
        })
        .unwrap();
        let left: Vec<_> = text.lines().filter(|line| line.contains(":'")).collect();
        assert!(left.iter().all(|line| line.starts_with("--")), "{left:?}");
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let mut names: Vec<_> = rules::all().map(|rule| rule.id).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
