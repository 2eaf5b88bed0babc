//! Who gets a connection, and for how long.

use std::time::Duration;

use tenancy_core::{Allowance, Kind, PlanChanges, Role, TenantContext, Tier};
use tenancy_sql::{Hygiene, PoolOptions};
use tenancy_testkit::{CountingProxy, Postgres, context, context_until, tenant};

use crate::support::{Cell, database, permit};

/// A tenant whose plan differs from the Free one.
async fn with_plan(slug: &str, changes: PlanChanges) -> TenantContext {
    let mut record = tenant(slug, Tier::Free);
    record.plan = Some(changes.into());
    context(&record, Role::Owner).await
}

async fn of_connections(slug: &str, connections: u64) -> TenantContext {
    let changes = PlanChanges {
        database_connections: Some(Allowance::Limited(connections)),
        ..PlanChanges::default()
    };
    with_plan(slug, changes).await
}

/// Whether a connection is to be had at once.
async fn at_once(cell: &Cell, ctx: &TenantContext) -> bool {
    tokio::time::timeout(Duration::from_secs(1), cell.core.read(ctx))
        .await
        .is_ok_and(|answer| answer.is_ok())
}

#[tokio::test]
async fn a_tenant_has_as_many_connections_as_its_plan_sells() {
    let options = PoolOptions {
        max_connections: 4,
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let ctx = of_connections("gamma", 2).await;
    let first = cell.core.read(&ctx).await.unwrap();
    let second = cell.core.begin(&permit(&ctx)).await.unwrap();
    assert!(!at_once(&cell, &ctx).await, "its third");
    assert!(at_once(&cell, &cell.alpha).await, "another tenant's");
    let waits = cell.core.read(&ctx);
    let (third, ()) = tokio::join!(waits, async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(first);
    });
    assert!(third.is_ok(), "it gets the place that came back");
    drop((second, third));
    let none = of_connections("delta", 0).await;
    let error = cell.core.read(&none).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotEntitled);
    let body = serde_json::to_value(error.problem()).unwrap();
    assert_eq!(body["feature"], "database_connections");
}

#[tokio::test]
async fn a_tenant_fills_its_part_of_the_queue_only() {
    let options = PoolOptions {
        max_connections: 1,
        max_waiting: 4,
        tenant_waiting: 1,
        acquire_timeout: Duration::from_secs(30),
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let held = cell.core.read(&cell.alpha).await.unwrap();
    let mut first = Box::pin(cell.core.read(&cell.alpha));
    assert!(futures::poll!(&mut first).is_pending());
    let told = tokio::time::timeout(Duration::from_secs(5), cell.core.read(&cell.alpha)).await;
    let error = told.expect("it waits as well").unwrap_err();
    assert_eq!(
        (error.kind(), error.problem().retry_after_seconds()),
        (Kind::Unavailable, Some(1))
    );
    let mut other = Box::pin(cell.core.read(&cell.beta));
    assert!(
        futures::poll!(&mut other).is_pending(),
        "there is room for another's"
    );
    drop(held);
    drop(first.await.unwrap());
    other.await.unwrap();
}

#[tokio::test]
async fn tenants_take_turns_however_many_wait() {
    let options = PoolOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(30),
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let held = cell.core.read(&cell.alpha).await.unwrap();
    let mut noisy: Vec<_> = (0..100).map(|_| Box::pin(cell.core.read(&cell.alpha))).collect();
    for one in &mut noisy {
        assert!(futures::poll!(one).is_pending());
    }
    let mut quiet = Box::pin(cell.core.read(&cell.beta));
    assert!(futures::poll!(&mut quiet).is_pending());
    // longer than a connection stays with its tenant
    tokio::time::sleep(Duration::from_millis(5)).await;
    drop(held);
    let mut before = 0;
    while futures::poll!(&mut quiet).is_pending() {
        if let Some(one) = noisy.first_mut()
            && futures::poll!(one).is_ready()
        {
            before += 1;
            drop(noisy.remove(0));
        }
        tokio::task::yield_now().await;
    }
    assert!(before <= 2, "{before} of the noisy tenant's came first");
}

#[tokio::test]
async fn a_connection_says_how_long_it_was_waited_for() {
    const HELD: Duration = Duration::from_millis(200);
    let options = PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let held = cell.core.read(&cell.alpha).await.unwrap();
    let waits = cell.core.read(&cell.beta);
    let (waited, ()) = tokio::join!(waits, async {
        tokio::time::sleep(HELD).await;
        drop(held);
    });
    let waited = waited.unwrap().waited();
    assert!(waited >= HELD, "{waited:?}");
    let idle = cell.core.begin(&permit(&cell.beta)).await.unwrap().waited();
    assert!(idle < HELD, "nobody has it: {idle:?}");
}

#[tokio::test]
async fn a_callers_own_deadline_ends_its_wait() {
    let options = PoolOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(60),
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let _held = cell.core.read(&cell.alpha).await.unwrap();
    let deadline = std::time::Instant::now() + Duration::from_millis(50);
    let ctx = context_until(&tenant("hasty", Tier::Free), Role::Owner, deadline).await;
    let told = tokio::time::timeout(Duration::from_secs(10), cell.core.read(&ctx)).await;
    let error = told.expect("it still waits").unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}

async fn times(cell: &Cell, ctx: &TenantContext) -> [String; 3] {
    let mut conn = cell.core.read(ctx).await.unwrap();
    let show = "SELECT current_setting($1)";
    let read = sqlx::query_scalar(show).bind("statement_timeout");
    let read: String = read.fetch_one(&mut conn).await.unwrap();
    drop(conn);
    let mut tx = cell.core.begin(&permit(ctx)).await.unwrap();
    let mut all = vec![read];
    for name in ["statement_timeout", "idle_in_transaction_session_timeout"] {
        let query = sqlx::query_scalar(show).bind(name);
        all.push(query.fetch_one(&mut tx).await.unwrap());
    }
    tx.commit().await.unwrap();
    all.try_into().unwrap()
}

#[tokio::test]
async fn the_server_bounds_statements_as_the_plan_sells() {
    let options = PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let times_of = |statement, idle| PlanChanges {
        statement_seconds: Some(statement),
        idle_transaction_seconds: Some(idle),
        ..PlanChanges::default()
    };
    let (two, all) = (Allowance::Limited(2), Allowance::Unlimited);
    let short = with_plan("short", times_of(two, Allowance::Limited(3))).await;
    let long = with_plan("long", times_of(all, all)).await;
    // one connection, so that each finds what the other left
    for _ in 0..2 {
        assert_eq!(times(&cell, &short).await, ["2s", "2s", "3s"]);
        assert_eq!(times(&cell, &long).await, ["1min", "1min", "10s"]);
        assert_eq!(times(&cell, &cell.alpha).await, ["5s", "5s", "5s"]);
    }
    // the same tenant, whose plan was changed
    let mut record = tenant("changed", Tier::Free);
    record.plan = Some(times_of(two, two).into());
    let before = context(&record, Role::Owner).await;
    record.plan = Some(times_of(all, two).into());
    let after = context(&record, Role::Owner).await;
    for _ in 0..2 {
        assert_eq!(times(&cell, &before).await, ["2s", "2s", "2s"]);
        assert_eq!(times(&cell, &after).await, ["1min", "1min", "2s"]);
    }
    let mut conn = cell.core.read(&short).await.unwrap();
    let error = sqlx::query("SELECT pg_sleep(30)")
        .execute(&mut conn)
        .await
        .unwrap_err();
    let code = error.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("57014"));
}

#[tokio::test]
async fn in_a_strict_cell_no_prepared_statement_passes_to_another_tenant() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let options = PoolOptions {
        max_connections: 1,
        hygiene: Hygiene::Strict,
        ..PoolOptions::default()
    };
    let url = proxy.url(&database.runtime_url);
    let cell = Cell::behind(database, &url, options).await;
    let prepared = async |ctx: &TenantContext| {
        let mut conn = cell.core.read(ctx).await.unwrap();
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_prepared_statements");
        count.persistent(false).fetch_one(&mut conn).await.unwrap()
    };
    cell.bodies(&cell.alpha).await;
    assert_eq!(prepared(&cell.alpha).await, 1, "its own stay");
    assert_eq!(prepared(&cell.beta).await, 0);
    cell.write(&cell.beta, "b").await;
    cell.bodies(&cell.beta).await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_prepared_statements");
    assert_eq!(count.persistent(false).fetch_one(&mut tx).await.unwrap(), 0);
    tx.commit().await.unwrap();
    // a miss is three, and the first use of the text one more
    cell.bodies(&cell.alpha).await;
    cell.bodies(&cell.beta).await;
    proxy.reset();
    cell.bodies(&cell.alpha).await;
    assert_eq!(proxy.round_trips(), 4);
    proxy.reset();
    cell.bodies(&cell.alpha).await;
    assert_eq!(proxy.round_trips(), 1, "a hit");
}
