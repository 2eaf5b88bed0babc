//! Databases, roles and templates.

use std::sync::atomic::{AtomicU32, Ordering};

use tenancy_testkit::{Database, Postgres, PostgresError};

use crate::sql::{connect, count, execute, refusal};

const INSUFFICIENT_PRIVILEGE: &str = "42501";

async fn fresh(name: &str) -> Database {
    let postgres = Postgres::shared().await.unwrap();
    let owner = format!("{name}_o");
    let runtime = format!("{name}_r");
    postgres.create_database(name, &owner, &runtime).await.unwrap()
}

#[tokio::test]
async fn a_runtime_role_connects_and_owns_nothing() {
    let database = fresh("demoted").await;
    database.assert_demoted().await;
    execute(&database.owner_url, "CREATE TABLE public.notes (id int)")
        .await
        .unwrap();
    for text in [
        "SELECT * FROM public.notes",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE other",
    ] {
        let code = refusal(&database.runtime_url, text).await;
        assert_eq!(code.as_deref(), Some(INSUFFICIENT_PRIVILEGE), "{text}");
    }
}

#[tokio::test]
async fn a_role_of_another_database_does_not_get_in() {
    let (a, b) = (fresh("first").await, fresh("second").await);
    let postgres = Postgres::shared().await.unwrap();
    for url in [&a.runtime_url, &a.owner_url] {
        let text = secrecy::ExposeSecret::expose_secret(url).replace("/first?", "/second?");
        let error = connect(&text.into()).await.unwrap_err();
        assert_eq!(
            error.as_database_error().and_then(|e| e.code()).as_deref(),
            Some(INSUFFICIENT_PRIVILEGE)
        );
    }
    assert!(connect(&b.runtime_url).await.is_ok());
    assert!(connect(&postgres.superuser_url("second")).await.is_ok());
}

#[tokio::test]
async fn every_power_of_a_runtime_role_is_noticed() {
    let database = fresh("powers").await;
    for (power, grant, revoke) in [
        (
            "is a superuser",
            "ALTER ROLE powers_r SUPERUSER",
            "ALTER ROLE powers_r NOSUPERUSER",
        ),
        (
            "bypasses row-level security",
            "ALTER ROLE powers_r BYPASSRLS",
            "ALTER ROLE powers_r NOBYPASSRLS",
        ),
        (
            "creates roles",
            "ALTER ROLE powers_r CREATEROLE",
            "ALTER ROLE powers_r NOCREATEROLE",
        ),
        (
            "owns database powers",
            "GRANT powers_o TO powers_r",
            "REVOKE powers_o FROM powers_r",
        ),
        (
            "owns relation t",
            "CREATE TABLE t (); ALTER TABLE t OWNER TO powers_r",
            "DROP TABLE t",
        ),
        (
            "makes temporary tables",
            "GRANT TEMP ON DATABASE powers TO powers_r",
            "REVOKE TEMP ON DATABASE powers FROM powers_r",
        ),
        (
            "creates in schema public",
            "GRANT CREATE ON SCHEMA public TO powers_r",
            "REVOKE CREATE ON SCHEMA public FROM powers_r",
        ),
    ] {
        execute(&database.superuser_url, grant).await.unwrap();
        let again = database.clone();
        let asserted = tokio::spawn(async move { again.assert_demoted().await }).await;
        let panic = asserted.expect_err(power).into_panic();
        let said = panic.downcast_ref::<String>().unwrap();
        assert!(said.contains(power), "{power}: {said}");
        execute(&database.superuser_url, revoke).await.unwrap();
    }
    database.assert_demoted().await;
}

#[tokio::test]
async fn a_database_is_reached_with_a_password_only() {
    let database = fresh("scram").await;
    let text = secrecy::ExposeSecret::expose_secret(&database.runtime_url).replace("scram_r:", "scram_r:x");
    let error = connect(&text.into()).await.unwrap_err();
    assert_eq!(
        error.as_database_error().and_then(|e| e.code()).as_deref(),
        Some("28P01")
    );
}

#[tokio::test]
async fn a_template_is_built_once_and_each_copy_is_its_own() {
    static BUILT: AtomicU32 = AtomicU32::new(0);
    let build = async |database: &Database| {
        BUILT.fetch_add(1, Ordering::SeqCst);
        // a connection that stays open must not hinder the copies
        let mut left = connect(&database.owner_url).await.unwrap();
        let text = format!(
            "CREATE TABLE notes (id int); INSERT INTO notes VALUES (1); GRANT SELECT, INSERT ON notes TO {}",
            database.runtime_role
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(text))
            .execute(&mut left)
            .await
            .unwrap();
        std::mem::forget(left);
    };
    let postgres = Postgres::shared().await.unwrap();
    let copies = [
        postgres.database_from("copies", build),
        postgres.database_from("copies", build),
        postgres.database_from("copies", build),
    ];
    let copies = futures::future::try_join_all(copies).await.unwrap();
    assert_eq!(BUILT.load(Ordering::SeqCst), 1);
    execute(&copies[0].runtime_url, "INSERT INTO notes VALUES (2)")
        .await
        .unwrap();
    let mut counts = vec![];
    for copy in &copies {
        copy.assert_demoted().await;
        counts.push(count(&copy.runtime_url, "SELECT count(*) FROM notes").await);
    }
    assert_eq!(counts, [2, 1, 1]);
}

#[tokio::test]
async fn a_template_whose_build_failed_is_built_again() {
    let postgres = Postgres::shared().await.unwrap();
    let failed = tokio::spawn(async move {
        let build = async |database: &Database| {
            execute(&database.owner_url, "CREATE TABLE half (id int)")
                .await
                .unwrap();
            panic!("on purpose");
        };
        postgres.database_from("again", build).await.map(drop)
    });
    assert!(failed.await.is_err());
    let build = async |database: &Database| {
        execute(&database.owner_url, "CREATE TABLE half (id int)")
            .await
            .unwrap();
    };
    let copy = postgres.database_from("again", build).await.unwrap();
    assert_eq!(count(&copy.owner_url, "SELECT count(*) FROM half").await, 0);
}

#[tokio::test]
async fn a_name_that_would_need_quoting_makes_nothing() {
    let postgres = Postgres::shared().await.unwrap();
    let refused = postgres.create_database("a\"b", "o", "r").await;
    assert!(matches!(refused, Err(PostgresError::Name(_))));
}

#[tokio::test]
async fn nothing_of_a_password_is_shown() {
    let database = fresh("shown").await;
    let shown = format!("{database:?} {:?}", Postgres::shared().await.unwrap());
    assert!(!shown.contains("postgres://"), "{shown}");
}
