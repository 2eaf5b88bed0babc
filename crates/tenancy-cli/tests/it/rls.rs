//! `tenancy rls`: what a person types, and what a pipeline goes by.

use std::process::{Command, Output};

use secrecy::ExposeSecret;
use sqlx::{Connection, Executor, postgres::PgConnection};
use tenancy_testkit::{Database, Postgres};

const SCHEMA: &str = "CREATE TABLE accounts (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
    CREATE TABLE notes (id bigserial PRIMARY KEY, account uuid NOT NULL REFERENCES accounts, body text);
    INSERT INTO accounts SELECT FROM generate_series(1, 3);
    INSERT INTO notes (account, body) SELECT id, 'x' FROM accounts, generate_series(1, 1000)";

async fn plain(name: &str) -> Database {
    let server = Postgres::shared().await.unwrap();
    let (owner, runtime) = (format!("{name}_owner"), format!("{name}_runtime"));
    let database = server.create_database(name, &owner, &runtime).await.unwrap();
    let mut owner = PgConnection::connect(database.owner_url.expose_secret())
        .await
        .unwrap();
    owner.execute(SCHEMA).await.unwrap();
    database
}

/// Its exit code, its answer, and what it says besides.
fn tenancy(database: &Database, words: &str) -> (i32, String, String) {
    let role = format!("--role={}", database.runtime_role);
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_tenancy"))
        .args(words.split_whitespace())
        .args(["--root=accounts", &role])
        .env("DATABASE_URL", database.owner_url.expose_secret())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[tokio::test]
async fn a_schema_is_planned_applied_and_checked() {
    let database = plain("cli_rls").await;
    let (code, plan, _) = tenancy(&database, "rls plan");
    assert!(
        code == 0 && plan.contains("ALTER TABLE public.notes FORCE ROW LEVEL SECURITY;"),
        "{plan}"
    );
    assert_eq!(tenancy(&database, "rls plan --check").0, 1);
    let (code, said, progress) = tenancy(&database, "rls apply --until backfill");
    assert!(
        code == 0 && said.contains("rows filled: 3003"),
        "{said}{progress}"
    );
    // no terminal: lines
    let bar = "public.notes [##############################] 100%, 3000 rows\n";
    assert!(progress.contains(bar) && !progress.contains('\r'), "{progress}");
    let (code, said, progress) = tenancy(&database, "rls apply --until enforce");
    assert!(
        code == 0 && said.contains("longest wait for a lock: "),
        "{said}{progress}"
    );
    assert_eq!(tenancy(&database, "rls plan --check").0, 0);
}

#[tokio::test]
async fn what_must_be_decided_is_listed() {
    let database = plain("cli_rls_problems").await;
    let mut owner = PgConnection::connect(database.owner_url.expose_secret())
        .await
        .unwrap();
    owner
        .execute("CREATE TABLE lonely (id int); CREATE TABLE \"al\none\" (id int)")
        .await
        .unwrap();
    for verb in ["rls plan", "rls apply --until prepare"] {
        let (code, answer, said) = tenancy(&database, verb);
        assert!(code == 3 && answer.is_empty(), "{answer}");
        assert_eq!(said.lines().count(), 3, "a line for each: {said}");
        assert!(said.contains("`public.lonely` is not reached"), "{said}");
    }
    assert_eq!(tenancy(&database, "rls apply").0, 2, "a phase must be named");
}
