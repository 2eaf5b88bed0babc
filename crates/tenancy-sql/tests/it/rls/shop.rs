//! A plain, filled schema, and how it is fenced.

use sqlx::{AssertSqlSafe, Executor};
use tenancy_sql::rls::{
    ApplyError, ApplyOptions, ApplyReport, Declaration, Event, Phase, Reasoned, Root, TenantPath, apply,
};
use tenancy_testkit::{Database, Postgres};

use crate::support::connect;

/// A database of its own with the shop in it. `customers` is what its size goes by: some 20 rows each.
pub(super) async fn shop(template: &'static str, customers: u32) -> Database {
    let server = Postgres::shared().await.unwrap();
    let build = async |database: &Database| {
        let mut owner = connect(&database.owner_url).await;
        owner.execute(include_str!("plain.sql")).await.unwrap();
        let fill = include_str!("fill.sql").replace("$scale", &customers.to_string());
        owner.execute(AssertSqlSafe(fill)).await.unwrap();
        // rights that a careless schema has given
        let rights = format!(
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC, {0}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO PUBLIC, {0}",
            database.runtime_role
        );
        owner.execute(AssertSqlSafe(rights)).await.unwrap();
    };
    server.database_from(template, build).await.unwrap()
}

/// What the catalog can't say of the shop.
pub(super) fn declared(database: &Database) -> Declaration {
    let mut declared = Declaration::new(database.runtime_role.parse().unwrap());
    declared.roots.push(Root {
        table: "accounts".into(),
        tenant: Some("uid".into()),
        generate: false,
    });
    declared
        .globals
        .push(reasoned("countries", "the countries of the world"));
    declared.skipped.push(reasoned("jobs", "the scheduler's own"));
    declared.paths.push(TenantPath {
        table: "notes".into(),
        via: None,
        columns: vec!["account".into()],
        parent: Some("accounts".into()),
        key: vec!["id".into()],
    });
    declared
}

pub(super) fn reasoned(table: &str, reason: &str) -> Reasoned {
    Reasoned {
        table: table.into(),
        reason: reason.into(),
    }
}

pub(super) async fn fence(
    database: &Database,
    declared: &Declaration,
    until: Phase,
) -> Result<ApplyReport, ApplyError> {
    let mut owner = connect(&database.owner_url).await;
    let mut quiet = |_: Event<'_>| {};
    apply(&mut owner, declared, until, &ApplyOptions::default(), &mut quiet).await
}

/// Everything that the fence consists of, as lines.
pub(super) async fn shape(database: &Database) -> Vec<String> {
    let mut superuser = connect(&database.superuser_url).await;
    superuser.execute("SET search_path = pg_catalog").await.unwrap();
    sqlx::query_scalar(include_str!("shape.sql"))
        .fetch_all(&mut superuser)
        .await
        .unwrap()
}
