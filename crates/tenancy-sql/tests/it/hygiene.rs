//! Nothing of one tenant is left on a connection that another gets.

use std::time::Duration;

use futures::StreamExt;
use sqlx::{AssertSqlSafe, Row};
use tenancy_core::{Kind, TenantContext};
use tenancy_sql::PoolOptions;

use crate::support::{Cell, as_superuser, permit};

async fn one_connection() -> Cell {
    let options = PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    };
    Cell::with(options).await
}

async fn backend(cell: &Cell, ctx: &TenantContext) -> i32 {
    let mut conn = cell.core.read(ctx).await.unwrap();
    sqlx::query("SELECT pg_backend_pid()")
        .fetch_one(&mut conn)
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn a_session_is_reset_when_it_changes_its_tenant() {
    let cell = one_connection().await;
    // what a function called from a plain statement can leave behind
    let smuggle = "CREATE FUNCTION public.smuggle() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        PERFORM set_config('app.note', 'mine', false); PERFORM pg_advisory_lock(42); EXECUTE 'LISTEN gossip';
        EXECUTE 'DECLARE held CURSOR WITH HOLD FOR SELECT 1'; END $$;
        GRANT EXECUTE ON FUNCTION public.smuggle() TO PUBLIC";
    as_superuser(&cell.database, smuggle).await;
    let before = backend(&cell, &cell.alpha).await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    sqlx::query("SELECT public.smuggle()")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut conn = cell.core.read(&cell.beta).await.unwrap();
    let left = "SELECT pg_backend_pid(), coalesce(current_setting('app.note', true), ''), \
                (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), \
                (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_cursors WHERE is_holdable)";
    let row = sqlx::query(left).fetch_one(&mut conn).await.unwrap();
    assert_eq!(
        row.get::<i32, _>(0),
        before,
        "it is another connection, so this proves nothing"
    );
    assert_eq!(
        (row.get::<&str, _>(1), row.get::<i64, _>(2), row.get::<i64, _>(3)),
        ("", 0, 0)
    );
    assert_eq!(row.get::<i64, _>(4), 0, "a cursor is held");
}

/// No role that serves makes temporary objects, as the auditor demands; should one, they are not the next tenant's.
#[tokio::test]
async fn a_temporary_table_stands_in_for_no_table_of_the_next_tenant() {
    let options = PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    };
    let cell = Cell::of("temporary", options).await;
    let name = &cell.database.name;
    let smuggle = format!(
        "GRANT TEMPORARY ON DATABASE \"{name}\" TO PUBLIC;
        CREATE FUNCTION public.smuggle() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        CREATE TEMPORARY TABLE gossip AS SELECT 'mine' AS word; END $$;
        GRANT EXECUTE ON FUNCTION public.smuggle() TO PUBLIC"
    );
    as_superuser(&cell.database, &smuggle).await;
    let before = backend(&cell, &cell.alpha).await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    sqlx::query("SELECT public.smuggle()")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let left = "SELECT pg_backend_pid(), to_regclass('pg_temp.gossip') IS NULL";
    let mut conn = cell.core.read(&cell.beta).await.unwrap();
    let row = sqlx::query(left).fetch_one(&mut conn).await.unwrap();
    assert_eq!((row.get::<i32, _>(0), row.get::<bool, _>(1)), (before, true));
}

#[tokio::test]
async fn a_transaction_after_another_tenants_is_reset_too_and_stays_so_when_rolled_back() {
    let cell = one_connection().await;
    let smuggle = "CREATE FUNCTION public.smuggle() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        PERFORM set_config('app.note', 'mine', false); END $$; GRANT EXECUTE ON FUNCTION public.smuggle() TO PUBLIC";
    as_superuser(&cell.database, smuggle).await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    sqlx::query("SELECT public.smuggle()")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let note = "SELECT coalesce(current_setting('app.note', true), '')";
    for _ in 0..2 {
        let mut tx = cell.core.begin(&permit(&cell.beta)).await.unwrap();
        let row = sqlx::query(note).fetch_one(&mut tx).await.unwrap();
        assert_eq!(row.get::<&str, _>(0), "");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn dropped_work_is_cancelled_on_the_server_and_its_connection_comes_back() {
    let cell = one_connection().await;
    let before = backend(&cell, &cell.alpha).await;
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    let sleep = sqlx::query("SELECT pg_sleep(9)").execute(&mut conn);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), sleep)
            .await
            .is_err()
    );
    drop(conn);
    let again = tokio::time::timeout(Duration::from_secs(2), backend(&cell, &cell.beta)).await;
    assert_eq!(again.unwrap(), before);
}

#[tokio::test]
async fn a_stream_that_is_dropped_half_way_leaves_nothing() {
    let cell = one_connection().await;
    let before = backend(&cell, &cell.alpha).await;
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    let mut rows = sqlx::query("SELECT g FROM generate_series(1, 100000) g").fetch(&mut conn);
    assert!(rows.next().await.unwrap().is_ok());
    drop(rows);
    drop(conn);
    assert_eq!(backend(&cell, &cell.beta).await, before);
}

#[tokio::test]
async fn who_waits_too_long_is_told_so() {
    let options = PoolOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(1),
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let held = cell.core.read(&cell.alpha).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(10), cell.core.read(&cell.beta)).await;
    let error = told.expect("it waits still").unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(error.problem().retry_after_seconds(), Some(1));
    drop(held);
    assert!(cell.core.read(&cell.beta).await.is_ok());
}

#[tokio::test]
async fn the_queue_is_bounded() {
    let options = PoolOptions {
        max_connections: 1,
        max_waiting: 1,
        ..PoolOptions::default()
    };
    let cell = Cell::with(options).await;
    let held = cell.core.read(&cell.alpha).await.unwrap();
    let first = cell.core.read(&cell.alpha);
    let second = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let refused = cell.core.read(&cell.beta).await.unwrap_err();
        drop(held);
        refused
    };
    let (first, refused) = tokio::join!(first, second);
    assert!(first.is_ok());
    assert_eq!(refused.kind(), Kind::Unavailable);
}

#[tokio::test]
async fn a_setting_is_not_written_through_the_view_of_settings() {
    let cell = one_connection().await;
    cell.write(&cell.alpha, "a").await;
    drop(cell.core.read(&cell.alpha).await.unwrap());
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let open = "UPDATE pg_settings SET setting = 'off' WHERE name = 'default_transaction_read_only'";
    assert!(sqlx::query(open).execute(&mut tx).await.is_err());
    tx.commit().await.unwrap();
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    assert!(sqlx::query("DELETE FROM notes").execute(&mut conn).await.is_err());
}

#[tokio::test]
async fn cancelled_preparations_do_not_pile_up_on_the_server() {
    // of so many the answer is there when the connection comes back, and nothing is left to cancel
    for one_of in [1, 2] {
        let cell = one_connection().await;
        for n in 0..400 {
            let mut conn = cell.core.read(&cell.alpha).await.unwrap();
            // new to the connection, so that it is prepared first: sent, and given up before the answer is read
            let text = AssertSqlSafe(format!("SELECT {n}"));
            let mut work = Box::pin(sqlx::query(text).execute(&mut conn));
            let _ = futures::poll!(&mut work);
            if n % one_of == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        let mut conn = cell.core.read(&cell.alpha).await.unwrap();
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_prepared_statements");
        let count = count.fetch_one(&mut conn).await.unwrap();
        assert!(count <= 210, "{count} prepared statements on one connection");
    }
}

/// Writes down every event.
pub(crate) struct Ear(pub(crate) std::sync::Arc<std::sync::Mutex<String>>);

impl tracing::Subscriber for Ear {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut heard = self.0.lock().unwrap();
        event.record(&mut |_: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            heard.push_str(&format!("{value:?}\n"));
        });
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn what_a_trigger_says_about_a_row_is_not_in_the_log() {
    let cell = one_connection().await;
    let talks = "CREATE FUNCTION talks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE WARNING 'stored %', NEW.body; RETURN NEW; END $$;
        CREATE TRIGGER talks BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION talks()";
    as_superuser(&cell.database, talks).await;
    let heard = std::sync::Arc::default();
    let _guard = tracing::subscriber::set_default(Ear(std::sync::Arc::clone(&heard)));
    tracing::warn!("the ear hears");
    cell.write(&cell.alpha, "a diagnosis").await;
    let heard = heard.lock().unwrap();
    assert!(heard.contains("the ear hears"));
    assert!(!heard.contains("diagnosis"), "{heard}");
}
