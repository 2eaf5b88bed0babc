//! Round trips, counted at the wire.

use tenancy_sql::PoolOptions;
use tenancy_testkit::{CountingProxy, Postgres};

use crate::support::{Cell, database, permit};

const READ: &str = "SELECT count(*) FROM notes";

async fn read(cell: &Cell, ctx: &tenancy_core::TenantContext) {
    let mut conn = cell.core.read(ctx).await.unwrap();
    sqlx::query(READ).fetch_one(&mut conn).await.unwrap();
}

async fn write(cell: &Cell, statements: u64) {
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    for _ in 0..statements {
        sqlx::query(READ).fetch_one(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_hit_is_one_a_miss_two_and_a_transaction_n_plus_two() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let options = PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    };
    let url = proxy.url(&database.runtime_url);
    let cell = Cell::behind(database, &url, options).await;
    read(&cell, &cell.alpha).await;

    proxy.reset();
    read(&cell, &cell.alpha).await;
    assert_eq!(proxy.round_trips(), 1, "a hit");
    proxy.reset();
    read(&cell, &cell.beta).await;
    assert_eq!(proxy.round_trips(), 2, "a miss");
    for statements in [0, 1, 3] {
        proxy.reset();
        write(&cell, statements).await;
        assert_eq!(
            proxy.round_trips(),
            statements + 2,
            "a transaction of {statements}"
        );
    }
    // a transaction of another tenant leaves no scope behind, so that a read after it is a miss
    proxy.reset();
    read(&cell, &cell.beta).await;
    assert_eq!(
        proxy.round_trips(),
        2,
        "a read after another tenant's transaction"
    );
    // the first use of a text on a connection prepares it
    proxy.reset();
    let mut conn = cell.core.read(&cell.beta).await.unwrap();
    sqlx::query("SELECT count(*) + 1 FROM notes")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(proxy.round_trips(), 2, "a first use");
}
