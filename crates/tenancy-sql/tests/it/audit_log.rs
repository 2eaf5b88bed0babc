//! What was done is written down by the transaction that did it.

use tenancy_core::{DataWrite, Kind, Permit, Role, TenantContext, Tier, UserId};
use tenancy_sql::{PoolOptions, Transaction};
use tenancy_testkit::{CountingProxy, Postgres, context, tenant};

use crate::support::{Cell, connect, database, permit};

/// A tenant of the cell whose plan has the audit log.
async fn enterprise(slug: &str, role: Role) -> TenantContext {
    let mut record = tenant(slug, Tier::Free);
    record.tier = Tier::Enterprise;
    context(&record, role).await
}

async fn note(tx: &mut Transaction, id: uuid::Uuid) {
    let insert = sqlx::query("INSERT INTO notes (id, body) VALUES ($1, 'x')");
    insert.bind(id).execute(tx).await.unwrap();
}

/// Who, what, on what, by which rule; as the tenant itself reads it.
async fn log(cell: &Cell, ctx: &TenantContext) -> Vec<String> {
    let mut conn = cell.core.read(ctx).await.unwrap();
    let text =
        "SELECT concat_ws(' ', actor, role, action, coalesce(target, '-'), allowed, rule, policy, request)
                FROM tenancy.audit_log ORDER BY at";
    sqlx::query_scalar(text).fetch_all(&mut conn).await.unwrap()
}

fn line(ctx: &TenantContext, target: &str, rule: &str) -> String {
    let (actor, role) = (ctx.actor(), ctx.role().unwrap());
    format!(
        "{actor} {role} tenant:data:write {target} t {rule} 1 {}",
        ctx.request_id()
    )
}

#[tokio::test]
async fn what_was_done_is_written_down_with_it_and_what_was_not_is_not() {
    let cell = Cell::new().await;
    let (ada, id) = (enterprise("ada", Role::Admin).await, uuid::Uuid::now_v7());
    let write: Permit<DataWrite> = permit(&ada);
    // nothing was named
    let tx = cell.core.begin(&write).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(log(&cell, &ada).await, [line(&ada, "-", "at_least_member")]);
    // rolled back, dropped, failed: nothing was done
    let write = write.target("note", id);
    write.on(UserId::new()).unwrap();
    for end in ["rollback", "drop", "failed"] {
        let mut tx = cell.core.begin(&write).await.unwrap();
        write.target("note", "undone").on(UserId::new()).unwrap();
        note(&mut tx, id).await;
        match end {
            "rollback" => tx.rollback().await.unwrap(),
            "drop" => drop(tx),
            _ => {
                assert!(sqlx::query("SELECT 1 / 0").execute(&mut tx).await.is_err());
                assert_eq!(tx.commit().await.unwrap_err().kind(), Kind::Internal);
            }
        }
        assert_eq!(log(&cell, &ada).await.len(), 1, "{end}");
    }
    // what was checked before the transaction goes with the one that takes place
    let mut tx = cell.core.begin(&write).await.unwrap();
    note(&mut tx, id).await;
    write.target("note", "second");
    tx.commit().await.unwrap();
    let (first, second) = (
        line(&ada, &format!("note/{id}"), "all_data"),
        line(&ada, "note/second", "at_least_member"),
    );
    assert_eq!(log(&cell, &ada).await[1..], [first, second]);
    // and with no other
    let tx = cell.core.begin(&write).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(log(&cell, &ada).await.len(), 4);
}

#[tokio::test]
async fn a_plan_without_the_audit_log_writes_none_and_each_tenant_reads_its_own() {
    let cell = Cell::new().await;
    let (ada, eve) = (
        enterprise("ada", Role::Owner).await,
        enterprise("eve", Role::Member).await,
    );
    cell.write(&cell.alpha, "free").await;
    cell.write(&ada, "ada's").await;
    cell.write(&eve, "eve's").await;
    cell.write(&eve, "eve's").await;
    for (ctx, rows) in [(&cell.alpha, 0), (&ada, 1), (&eve, 2)] {
        let seen = log(&cell, ctx).await;
        assert_eq!(seen.len(), rows, "{seen:?}");
        assert!(
            seen.iter()
                .all(|row| row.contains(&ctx.user_id().unwrap().to_string()))
        );
    }
}

#[tokio::test]
async fn what_was_written_down_stays() {
    let cell = Cell::new().await;
    let ada = enterprise("ada", Role::Owner).await;
    cell.write(&ada, "x").await;
    for text in [
        "UPDATE tenancy.audit_log SET actor = 'user:eve'",
        "DELETE FROM tenancy.audit_log",
        "INSERT INTO tenancy.audit_log (id, at, request, actor, action, allowed, rule, policy)
         SELECT id, at, request, 'user:eve', action, allowed, rule, policy FROM tenancy.audit_log
         ON CONFLICT (tenant_id, id) DO UPDATE SET actor = excluded.actor",
    ] {
        let mut tx = cell.core.begin(&permit(&cell.beta)).await.unwrap();
        assert!(sqlx::query(text).execute(&mut tx).await.is_err(), "{text}");
    }
    let mut runtime = connect(&cell.database.runtime_url).await;
    assert!(
        sqlx::query("TRUNCATE tenancy.audit_log")
            .execute(&mut runtime)
            .await
            .is_err()
    );
    assert_eq!(log(&cell, &ada).await.len(), 1);
}

#[tokio::test]
async fn a_log_that_can_not_be_written_commits_nothing() {
    let cell = Cell::new().await;
    let ada = enterprise("ada", Role::Owner).await;
    let text = "ALTER TABLE tenancy.audit_log ADD CHECK (actor <> actor)";
    crate::support::as_superuser(&cell.database, text).await;
    let mut tx = cell.core.begin(&permit(&ada)).await.unwrap();
    note(&mut tx, uuid::Uuid::now_v7()).await;
    assert!(tx.commit().await.is_err());
    assert!(cell.bodies(&ada).await.is_empty());
    // whose plan has none is not held up, and the connection is clean
    cell.write(&cell.alpha, "free").await;
    assert_eq!(cell.bodies(&cell.alpha).await, ["free"]);
}

#[tokio::test]
async fn writing_it_down_is_no_round_trip_more() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let url = proxy.url(&database.runtime_url);
    let cell = Cell::behind(database, &url, PoolOptions::default()).await;
    let ada = enterprise("ada", Role::Owner).await;
    cell.write(&ada, "warm").await;
    proxy.reset();
    cell.write(&ada, "x").await;
    assert_eq!(proxy.round_trips(), 3, "begin, one statement, commit");
    assert_eq!(log(&cell, &ada).await.len(), 2);
}
