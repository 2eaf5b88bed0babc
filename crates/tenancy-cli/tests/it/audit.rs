//! `tenancy audit`, as a pipeline calls it.

use std::process::Output;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, postgres::PgConnection};
use tenancy_testkit::{Database, Postgres};

const SCHEMA: &str = "CREATE TABLE orders (org uuid NOT NULL DEFAULT (current_setting('app.org')::uuid), id uuid NOT NULL, PRIMARY KEY (org, id));
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY; ALTER TABLE orders FORCE ROW LEVEL SECURITY;
    CREATE POLICY rows ON orders USING (org = (SELECT current_setting('app.org')::uuid));
    CREATE POLICY wall ON orders AS RESTRICTIVE USING (org = (SELECT current_setting('app.org')::uuid));
    GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO {role}";

const CONVENTION: [&str; 4] = ["--tenant-column", "org", "--setting", "app.org"];

/// A database with somebody else's schema, and what is done to it.
async fn database(fault: &str) -> Database {
    let server = Postgres::shared().await.unwrap();
    let build = async |_: &Database| {};
    let database = server.database_from("cli_audit", build).await.unwrap();
    let mut superuser = connect(&database.superuser_url).await;
    let text = format!("{SCHEMA};{fault}").replace("{role}", &database.runtime_role);
    superuser.execute(AssertSqlSafe(text)).await.unwrap();
    superuser.close().await.unwrap();
    database
}

async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

async fn tenancy(url: &SecretString, arguments: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tenancy"));
    command
        .arg("audit")
        .args(arguments)
        .env("DATABASE_URL", url.expose_secret());
    command.output().await.unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_exit_code_says_whether_something_was_found() {
    let no_wall = "DROP POLICY wall ON orders";
    let open = "CREATE POLICY open ON orders USING (true)";
    for (fault, more, expect) in [
        ("", vec![], 0),
        ("", vec!["--fail-on", "note"], 1),
        (no_wall, vec![], 0),
        (no_wall, vec!["--fail-on", "warning"], 1),
        (open, vec![], 1),
        (open, vec!["--schema", "elsewhere"], 1),
        ("", vec!["--fail-on", "loud"], 2),
        ("", vec!["--no-probe", "--probe-writes"], 2),
        ("", vec!["--role", "nobody_of_that_name"], 3),
        ("", vec!["--database", "env:NO_SUCH_VARIABLE"], 3),
        ("", vec!["--waivers", "/no/such/file"], 3),
    ] {
        let database = database(fault).await;
        let arguments = [&CONVENTION[..], &more].concat();
        let output = tenancy(&database.runtime_url, &arguments).await;
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(code(&output), expect, "{fault} {more:?}: {said}");
        let secret = database.runtime_url.expose_secret();
        assert!(!said.contains(secret), "the URL is told");
    }
}

#[tokio::test]
async fn whoever_migrates_takes_the_view_of_the_role_that_serves() {
    let database = database("GRANT TRUNCATE ON orders TO {role}").await;
    for url in [
        &database.owner_url,
        &database.superuser_url,
        &database.runtime_url,
    ] {
        let role = ["--role", &database.runtime_role, "--format", "json"];
        let output = tenancy(url, &[&CONVENTION[..], &role].concat()).await;
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let rules: Vec<_> = told["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| &finding["rule"])
            .collect();
        assert_eq!(rules, ["activity_visible", "table_rights"], "{told}");
        assert_eq!(
            (&told["role"], &told["tenant_tables"]),
            (&database.runtime_role.as_str().into(), &1.into())
        );
    }
}

#[tokio::test]
async fn what_is_waived_is_told_and_does_not_fail() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waivers.toml");
    let database =
        database("CREATE VIEW peek AS SELECT id FROM orders; GRANT SELECT ON peek TO {role}").await;
    for (object, expires, expect, says) in [
        ("public.*", "2999-12-31", 0, "waived: [view_invoker] public.peek"),
        ("public.peek", "2020-01-01", 1, "error: [waiver_expired]"),
        ("public.poke", "2999-12-31", 1, "warning: [waiver_unused]"),
    ] {
        let waiver = format!(
            "[[waiver]]\nrule = 'view_invoker'\nobject = '{object}'\nreason = 'a report'\nexpires = {expires}\n"
        );
        std::fs::write(&file, waiver).unwrap();
        let output = tenancy(
            &database.runtime_url,
            &[&CONVENTION[..], &["--waivers", file.to_str().unwrap()]].concat(),
        )
        .await;
        let said = text(&output.stdout);
        assert_eq!(code(&output), expect, "{said}");
        assert!(said.contains(says), "{said}");
    }
}

#[tokio::test]
async fn sarif_names_rule_level_message_help_and_place() {
    let database =
        database("CREATE VIEW peek AS SELECT id FROM orders; GRANT SELECT ON peek TO {role}").await;
    let output = tenancy(
        &database.runtime_url,
        &[&CONVENTION[..], &["--format", "sarif"]].concat(),
    )
    .await;
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!((&log["version"], results.len()), (&"2.1.0".into(), 2));
    let found = results
        .iter()
        .find(|result| result["ruleId"] == "view_invoker")
        .unwrap();
    assert_eq!(found["level"], "error");
    assert!(
        found["message"]["text"]
            .as_str()
            .unwrap()
            .contains("security_invoker = true")
    );
    assert_eq!(
        found["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
        "public.peek"
    );
    let rule = rules.iter().find(|rule| rule["id"] == "view_invoker").unwrap();
    assert!(rule["help"]["text"].as_str().unwrap().contains("https://"));
}
