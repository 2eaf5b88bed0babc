//! A service with two cells serves tenants from both.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use tenancy_core::{Kind, Role, SecretRef, TenantContext, Tier, names};
use tenancy_sql::{Databases, PoolOptions, SqlHandle};
use tenancy_testkit::{context, tenant};

use crate::support::{connect, database, permit};

/// A Free tenant whose `core` is in this cell.
async fn of(cell: &str, slug: &str) -> TenantContext {
    let mut record = tenant(slug, Tier::Free);
    let core = "core".parse().unwrap();
    let location = names::cell_location(cell, &core).unwrap();
    record.placement.sql.insert(core, location);
    context(&record, Role::Owner).await
}

async fn write(core: &SqlHandle, ctx: &TenantContext, body: &str) {
    let mut tx = core.begin(&permit(ctx)).await.unwrap();
    let insert = sqlx::query("INSERT INTO notes (id, body) VALUES ($1, $2)");
    let insert = insert.bind(uuid::Uuid::now_v7()).bind(body);
    insert.execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn bodies(core: &SqlHandle, ctx: &TenantContext) -> Vec<String> {
    let mut conn = core.read(ctx).await.unwrap();
    let query = sqlx::query_scalar("SELECT body FROM notes ORDER BY body");
    query.fetch_all(&mut conn).await.unwrap()
}

#[tokio::test]
async fn tenants_of_two_cells_are_served_by_one_handle() {
    let (one, two) = (database().await, database().await);
    let secrets = tempfile::tempdir().unwrap();
    let mut locations = BTreeMap::new();
    for (cell, database) in [("free-1", &one), ("free-2", &two)] {
        let file = secrets.path().join(cell);
        std::fs::write(&file, database.runtime_url.expose_secret()).unwrap();
        let location = names::cell_location(cell, &"core".parse().unwrap()).unwrap();
        locations.insert(location, SecretRef::File(file));
    }
    let databases = Databases::new(locations, PoolOptions::default());
    databases.verify().await.unwrap();
    let core = databases.handle("core".parse().unwrap());

    let tenants = [
        of("free-1", "ada").await,
        of("free-2", "bob").await,
        of("free-1", "cleo").await,
    ];
    for (ctx, body) in tenants.iter().zip(["a", "b", "c"]) {
        write(&core, ctx, body).await;
    }
    for (ctx, body) in tenants.iter().zip(["a", "b", "c"]) {
        assert_eq!(bodies(&core, ctx).await, [body]);
    }
    for (database, expect) in [(&one, 2_i64), (&two, 1)] {
        let mut superuser = connect(&database.superuser_url).await;
        let query = sqlx::query_scalar("SELECT count(*) FROM notes");
        let rows: i64 = query.fetch_one(&mut superuser).await.unwrap();
        assert_eq!(rows, expect);
    }
    let elsewhere = core.read(&of("free-3", "dora").await).await.unwrap_err();
    assert_eq!(elsewhere.kind(), Kind::NotFound);
}
