//! Behind a pooler.
//!
//! PgBouncer of the machine is older than the floor and knows no prepared statements: in transaction mode ours have no name
//! and stay inside of their transaction.
//!
//! What is given up is cancelled through the pooler, which takes a session of it; when none is free soon, its own is closed.

use std::time::Duration;

use tenancy_core::{Role, TenantContext, Tier};
use tenancy_sql::{Hygiene, PoolMode, PoolOptions};
use tenancy_testkit::{PgBouncer, Pooling, Postgres, context, tenant};

use crate::{
    hygiene::Ear,
    support::{Cell, as_superuser, database, permit},
};

async fn cell(pooling: Pooling, options: PoolOptions) -> (Cell, PgBouncer) {
    let database = database().await;
    let server = Postgres::shared().await.unwrap();
    let pooler = PgBouncer::start(server, &database, pooling).await.unwrap();
    let url = pooler.url(&database.runtime_url);
    (Cell::behind(database, &url, options).await, pooler)
}

fn transactions(hygiene: Hygiene) -> PoolOptions {
    PoolOptions {
        mode: PoolMode::Transaction,
        max_connections: 6,
        acquire_timeout: Duration::from_secs(30),
        hygiene,
        ..PoolOptions::default()
    }
}

/// Writes, reads, fails and gives up as one tenant; what it reads is its own and nothing else.
async fn work(cell: &Cell, ctx: &TenantContext, body: &str) {
    for round in 0..5 {
        cell.write(ctx, body).await;
        let seen = cell.bodies(ctx).await;
        assert_eq!(seen, vec![body; round + 1]);
        let mut conn = cell.core.read(ctx).await.unwrap();
        let failed = sqlx::query("SELECT 1 / (SELECT 0)").execute(&mut conn).await;
        assert!(failed.is_err());
        drop(conn);
        let mut conn = cell.core.read(ctx).await.unwrap();
        let mut given_up = Box::pin(sqlx::query("SELECT pg_sleep(0.1)").execute(&mut conn));
        let _ = futures::poll!(&mut given_up);
        tokio::task::yield_now().await;
        drop(given_up);
    }
}

async fn six_tenants(cell: &Cell) {
    let mut contexts = vec![];
    for n in 0..6 {
        contexts.push(context(&tenant(&format!("tenant-{n}"), Tier::Free), Role::Owner).await);
    }
    let bodies: Vec<String> = (0..6).map(|n| format!("of tenant {n}")).collect();
    let all = contexts
        .iter()
        .zip(&bodies)
        .map(|(ctx, body)| work(cell, ctx, body));
    futures::future::join_all(all).await;
}

#[tokio::test]
async fn transactions_share_a_poolers_sessions() {
    for hygiene in [Hygiene::Reset, Hygiene::Strict] {
        let (cell, _pooler) = cell(Pooling::Transaction, transactions(hygiene)).await;
        six_tenants(&cell).await;
    }
}

#[tokio::test]
async fn a_pooler_of_transactions_is_refused_at_boot_but_by_a_pool_of_transactions() {
    for (pooling, mode, served) in [
        (Pooling::Transaction, PoolMode::Session, false),
        (Pooling::Transaction, PoolMode::Transaction, true),
        (Pooling::Session, PoolMode::Session, true),
        (Pooling::Session, PoolMode::Transaction, true),
    ] {
        let options = PoolOptions {
            mode,
            ..PoolOptions::default()
        };
        let (cell, _pooler) = cell(pooling, options).await;
        let verdict = cell.databases.verify().await;
        let said = verdict
            .as_ref()
            .map_or_else(ToString::to_string, |()| String::new());
        assert_eq!(verdict.is_ok(), served, "{mode:?}: {said}");
        assert_eq!(said.contains("[pooler_mode]"), !served, "{said}");
    }
}

#[tokio::test]
async fn that_strict_hygiene_is_no_more_in_a_pool_of_transactions_is_said_at_boot() {
    for (mode, hygiene, told) in [
        (PoolMode::Transaction, Hygiene::Strict, true),
        (PoolMode::Transaction, Hygiene::Reset, false),
        (PoolMode::Session, Hygiene::Strict, false),
    ] {
        let cell = Cell::with(PoolOptions {
            mode,
            hygiene,
            ..PoolOptions::default()
        });
        let cell = cell.await;
        let heard = std::sync::Arc::default();
        let _guard = tracing::subscriber::set_default(Ear(std::sync::Arc::clone(&heard)));
        cell.databases.verify().await.unwrap();
        let heard = heard.lock().unwrap();
        assert_eq!(heard.contains("Hygiene::Strict"), told, "{mode:?} {heard}");
    }
}

#[tokio::test]
async fn a_read_in_a_pool_of_transactions_writes_nothing_and_leaves_no_setting() {
    let (cell, _pooler) = cell(Pooling::Transaction, transactions(Hygiene::Reset)).await;
    cell.write(&cell.alpha, "a").await;
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    assert!(sqlx::query("DELETE FROM notes").execute(&mut conn).await.is_err());
    drop(conn);
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let prepared = sqlx::Executor::prepare(&mut tx, sqlx::SqlStr::from_static("SELECT 1")).await;
    assert!(prepared.is_err(), "a named statement would be another session's");
    drop(tx);
    // what is rolled back takes its settings with it, what is committed would not
    cell.write(&cell.alpha, "b").await;
    // whoever gets the sessions next has no tenant
    use sqlx::{Connection, Executor, Row};
    let mut plain = crate::support::connect(&_pooler.url(&cell.database.runtime_url)).await;
    for _ in 0..4 {
        let text = "SELECT coalesce(current_setting('app.current_tenant', true), '')";
        let row = sqlx::raw_sql(text).fetch_all(&mut plain).await.unwrap();
        assert_eq!(row[0].get::<String, _>(0), "");
        let timeout = (&mut plain)
            .fetch_one(sqlx::AssertSqlSafe("SHOW statement_timeout".to_owned()))
            .await
            .unwrap();
        assert_eq!(timeout.get::<String, _>(0), "0");
    }
    plain.close().await.unwrap();
}

/// A session pooler refuses settings with the login: they go in the message that scopes.
#[tokio::test]
async fn sessions_of_a_pooler_are_told_their_settings() {
    let options = PoolOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_secs(30),
        ..PoolOptions::default()
    };
    let (cell, _pooler) = cell(Pooling::Session, options).await;
    six_tenants(&cell).await;
    for ctx in [&cell.alpha, &cell.beta, &cell.alpha] {
        for (name, expect) in [
            ("search_path", "public, pg_temp"),
            ("statement_timeout", "5s"),
            ("client_min_messages", "error"),
            ("client_connection_check_interval", "1s"),
        ] {
            let mut conn = cell.core.read(ctx).await.unwrap();
            let query = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
            let is: String = query.fetch_one(&mut conn).await.unwrap();
            assert_eq!(is, expect, "{name}");
        }
        let mut tx = cell.core.begin(&permit(ctx)).await.unwrap();
        let query = sqlx::query_scalar("SELECT current_setting('search_path')");
        let path: String = query.fetch_one(&mut tx).await.unwrap();
        assert_eq!(path, "public, pg_temp");
        tx.rollback().await.unwrap();
    }
}

/// Runs something for a moment and drops it.
async fn give_up(work: impl Future) {
    let _ = tokio::time::timeout(Duration::from_millis(100), work).await;
}

/// Both sessions of the pooler are used in turn, so that whoever comes next gets the other one.
async fn turn_sessions(cell: &Cell) {
    let first = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let second = cell.core.begin(&permit(&cell.beta)).await.unwrap();
    first.rollback().await.unwrap();
    second.rollback().await.unwrap();
}

#[tokio::test]
async fn what_is_given_up_is_cancelled_by_any_of_a_poolers_sessions() {
    let (cell, _pooler) = cell(Pooling::Transaction, transactions(Hygiene::Reset)).await;
    let text = "SELECT count(*) FILTER (WHERE pid = $1), \
                count(*) FILTER (WHERE state = 'active' AND query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()) \
                FROM pg_stat_activity WHERE datname = current_database()";
    let mut superuser = crate::support::connect(&cell.database.superuser_url).await;
    for round in 0..4 {
        let mut conn = cell.core.read(&cell.alpha).await.unwrap();
        let backend = sqlx::query_scalar("SELECT pg_backend_pid()");
        let backend: i32 = backend.fetch_one(&mut conn).await.unwrap();
        give_up(sqlx::query("SELECT pg_sleep(20)").execute(&mut conn)).await;
        drop(conn);
        let mut left = (1_i64, 1_i64);
        for _ in 0..100 {
            let query = sqlx::query_as(text).bind(backend);
            left = query.fetch_one(&mut superuser).await.unwrap();
            if left.1 == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        assert_eq!(
            left,
            (1, 0),
            "the session lives and the statement does not, in round {round}"
        );
        turn_sessions(&cell).await;
    }
}

/// Two that are given up have both of the pooler's sessions, and none is left to cancel them with.
#[tokio::test]
async fn what_holds_each_of_a_poolers_sessions_is_closed_soon() {
    let (cell, _pooler) = cell(Pooling::Transaction, transactions(Hygiene::Reset)).await;
    let sleeps = async |ctx: &TenantContext| {
        let mut conn = cell.core.read(ctx).await.unwrap();
        give_up(sqlx::query("SELECT pg_sleep(20)").execute(&mut conn)).await;
    };
    tokio::join!(sleeps(&cell.alpha), sleeps(&cell.beta));
    let again = cell.core.read(&cell.alpha);
    let again = tokio::time::timeout(Duration::from_secs(3), again).await;
    assert!(again.is_ok_and(|answer| answer.is_ok()));
}

/// The session may be another tenant's by the time that the cancellation comes.
#[tokio::test]
async fn a_commit_that_is_given_up_cancels_nothing_of_another_tenant() {
    let (cell, _pooler) = cell(Pooling::Transaction, transactions(Hygiene::Reset)).await;
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$;
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()";
    as_superuser(&cell.database, slow).await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let insert = sqlx::query("INSERT INTO notes (id, body) VALUES (gen_random_uuid(), 'a')");
    insert.execute(&mut tx).await.unwrap();
    // the pooler's other session
    let mut other = cell.core.begin(&permit(&cell.beta)).await.unwrap();
    sqlx::query("SELECT 1").execute(&mut other).await.unwrap();
    let next = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut next = cell.core.begin(&permit(&cell.beta)).await.unwrap();
        let runs = sqlx::query("SELECT pg_sleep(1.5)").execute(&mut next).await;
        next.rollback().await.unwrap();
        runs
    };
    let ends = async {
        give_up(tx.commit()).await;
        // the commit is over by then, and who cancels still waits for a session
        tokio::time::sleep(Duration::from_millis(350)).await;
        // now there is one to cancel with
        other.rollback().await.unwrap();
    };
    let (runs, ()) = tokio::join!(next, ends);
    runs.unwrap();
}

#[tokio::test]
async fn a_pool_of_transactions_names_no_statement() {
    let (cell, _pooler) = cell(Pooling::Transaction, transactions(Hygiene::Reset)).await;
    for _ in 0..3 {
        let mut conn = cell.core.read(&cell.alpha).await.unwrap();
        let text = sqlx::SqlStr::from_static("SELECT id FROM notes");
        let _ = sqlx::Executor::describe(&mut conn, text).await;
        drop(conn);
        let mut conn = cell.core.read(&cell.beta).await.unwrap();
        let count =
            sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''");
        assert_eq!(count.fetch_one(&mut conn).await.unwrap(), 0);
    }
}

/// What a function of the application's set for the session is not the next tenant's to read.
#[tokio::test]
async fn a_transaction_leaves_nothing_in_a_poolers_session() {
    for hygiene in [Hygiene::Reset, Hygiene::Strict] {
        let options = PoolOptions {
            max_connections: 1,
            ..transactions(hygiene)
        };
        let (cell, _pooler) = cell(Pooling::Transaction, options).await;
        let smuggle = "CREATE FUNCTION public.smuggle() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
            PERFORM set_config('app.note', 'mine', false); PERFORM pg_advisory_lock(42); END $$;
            GRANT EXECUTE ON FUNCTION public.smuggle() TO PUBLIC";
        as_superuser(&cell.database, smuggle).await;
        let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
        sqlx::query("SELECT public.smuggle()")
            .execute(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut conn = cell.core.read(&cell.beta).await.unwrap();
        let text = "SELECT coalesce(current_setting('app.note', true), ''), \
                    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";
        let left: (String, i64) = sqlx::query_as(text).fetch_one(&mut conn).await.unwrap();
        assert_eq!(left, (String::new(), 0), "{hygiene:?}");
    }
}
