//! What a transaction promises.

use sqlx::Row;
use tenancy_core::Kind;
use tenancy_sql::PoolOptions;

use crate::support::{Cell, permit};

const INSERT: &str = "INSERT INTO notes (id, body) VALUES (gen_random_uuid(), $1)";

#[tokio::test]
async fn what_is_committed_stays_and_what_is_dropped_goes() {
    let cell = Cell::new().await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    sqlx::query(INSERT)
        .bind("dropped")
        .execute(&mut tx)
        .await
        .unwrap();
    drop(tx);
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    sqlx::query(INSERT)
        .bind("rolled back")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    cell.write(&cell.alpha, "kept").await;
    assert_eq!(cell.bodies(&cell.alpha).await, ["kept"]);
}

/// What the next tenant begins with would end it, and keep its rows.
#[tokio::test]
async fn what_is_dropped_is_not_committed_by_who_comes_next() {
    let options = PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let insert = sqlx::query(INSERT).bind("dropped");
    insert.execute(&mut tx).await.unwrap();
    drop(tx);
    cell.write(&cell.beta, "b").await;
    assert!(cell.bodies(&cell.alpha).await.is_empty());
}

#[tokio::test]
async fn a_commit_after_an_ignored_error_is_an_error() {
    let cell = Cell::new().await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    sqlx::query(INSERT).bind("lost").execute(&mut tx).await.unwrap();
    let ignored = sqlx::query("SELECT 1 / (SELECT 0)").execute(&mut tx).await;
    assert!(ignored.is_err());
    assert_eq!(tx.commit().await.unwrap_err().kind(), Kind::Internal);
    assert!(cell.bodies(&cell.alpha).await.is_empty());
}

#[tokio::test]
async fn the_actor_is_known_in_a_transaction_and_nowhere_else() {
    let cell = Cell::new().await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let row = sqlx::query("SELECT tenancy.current_actor()")
        .fetch_one(&mut tx)
        .await
        .unwrap();
    assert_eq!(
        row.get::<uuid::Uuid, _>(0),
        cell.alpha.user_id().unwrap().as_uuid()
    );
    tx.commit().await.unwrap();
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    let row = sqlx::query("SELECT tenancy.current_actor()")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(row.get::<Option<uuid::Uuid>, _>(0), None);
}

#[tokio::test]
async fn what_reads_can_not_write() {
    let cell = Cell::new().await;
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    let error = sqlx::query(INSERT)
        .bind("x")
        .execute(&mut conn)
        .await
        .unwrap_err();
    assert_eq!(
        error.as_database_error().unwrap().code().as_deref(),
        Some("25006")
    );
    // and a write afterwards, on the same connection, can
    drop(conn);
    cell.write(&cell.alpha, "y").await;
    assert_eq!(cell.bodies(&cell.alpha).await, ["y"]);
}

#[tokio::test]
async fn a_statement_that_touches_the_scope_is_refused_before_it_is_sent() {
    let cell = Cell::new().await;
    for text in [
        "BEGIN",
        "SET app.current_tenant = 'x'",
        "SELECT set_config('app.current_tenant', '', false)",
        "COMMIT",
        "RESET ALL",
    ] {
        let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
        let error = sqlx::query(text).execute(&mut tx).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Configuration(_)), "{text}: {error}");
        let error = sqlx::raw_sql(text).execute(&mut tx).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Configuration(_)), "{text}: {error}");
        // nothing was sent, so nothing failed
        sqlx::query(INSERT).bind(text).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(cell.bodies(&cell.alpha).await.len(), 5);
}

#[tokio::test]
async fn a_text_of_many_statements_is_refused() {
    let cell = Cell::new().await;
    // each of them may be sent, the way there may not
    for text in ["SELECT 1", "SELECT 1; SELECT 2"] {
        let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
        let error = sqlx::raw_sql(text).execute(&mut tx).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Configuration(_)), "{text}: {error}");
        let mut conn = cell.core.read(&cell.alpha).await.unwrap();
        let error = sqlx::raw_sql(text).fetch_all(&mut conn).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Configuration(_)), "{text}: {error}");
    }
}

#[tokio::test]
async fn an_error_that_nobody_waited_for_is_not_committed_over() {
    use futures::StreamExt;
    let cell = Cell::new().await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    sqlx::query(INSERT).bind("lost").execute(&mut tx).await.unwrap();
    // the first rows come, a later one fails, and nobody reads that far
    let mut rows = sqlx::query("SELECT repeat('x', 1000), 1 / (50000 - g) FROM generate_series(1, 60000) g")
        .fetch(&mut tx);
    assert!(rows.next().await.unwrap().is_ok());
    drop(rows);
    assert!(tx.commit().await.is_err());
    assert!(cell.bodies(&cell.alpha).await.is_empty());
}
