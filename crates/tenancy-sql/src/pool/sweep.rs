//! Cancels work at each await point and looks at what is left behind - with the guard, and without it.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, postgres::PgConnection};
use tenancy_core::{DataWrite, Permit, Result, Role, TenantContext, Tier, registry::connect_options};
use tenancy_testkit::{Database, Postgres, context, tenant};

use super::{Pool, slot::Slot};
use crate::{PoolMode, PoolOptions, ReadConnection, Transaction, budget::Budget, target::Target};

/// Polls a future so many times and drops it: at once when the last poll was pending, or when it is woken after it.
struct Cancelled<F> {
    work: Pin<Box<F>>,
    polls: usize,
    at_once: bool,
}

impl<F: Future> Future for Cancelled<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match self.work.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.polls == 0 && self.at_once => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

const SLOW: &str = "SELECT pg_sleep(0.002)";
const MANY: &str = "SELECT g, repeat('x', 500) FROM generate_series(1, 200) g";

async fn read(pool: &Pool, ctx: &TenantContext, text: &'static str) -> Result<()> {
    let mut conn = ReadConnection::new(pool.read(ctx).await?);
    sqlx::query(text).fetch_all(&mut conn).await?;
    Ok(())
}

async fn write(pool: &Pool, permit: &Permit<DataWrite>, commit: bool) -> Result<()> {
    let mut tx = Transaction::new(pool.begin(permit.context()).await?, permit.trail());
    let lock = sqlx::query("SELECT public.hold($1)").bind(lock_of(permit.context()));
    lock.execute(&mut tx).await?;
    sqlx::query(SLOW).execute(&mut tx).await?;
    if commit {
        tx.commit().await
    } else {
        tx.rollback().await
    }
}

/// Each tenant locks a key of its own: to meet its own lock again is no leak.
fn lock_of(ctx: &TenantContext) -> i64 {
    i64::try_from(ctx.tenant_id().as_uuid().as_u128() & 0x7fff_ffff).unwrap()
}

async fn fails(pool: &Pool, ctx: &TenantContext) -> Result<()> {
    let mut conn = ReadConnection::new(pool.read(ctx).await?);
    let _ = sqlx::query("SELECT 1 / (SELECT 0)").execute(&mut conn).await;
    sqlx::query("SELECT 1").execute(&mut conn).await?;
    Ok(())
}

async fn work(kind: usize, pool: &Pool, ctx: &TenantContext) -> Result<()> {
    let permit = || Permit::check(ctx);
    match kind {
        0 => read(pool, ctx, "SELECT 1").await,
        1 => read(pool, ctx, SLOW).await,
        2 => read(pool, ctx, MANY).await,
        3 => write(pool, &permit()?, true).await,
        4 => write(pool, &permit()?, false).await,
        _ => fails(pool, ctx).await,
    }
}

/// What a request finds on its connection that is not its own.
#[derive(Debug, Default, PartialEq, Eq)]
struct Leaks {
    tenant: usize,
    transaction: usize,
    lock: usize,
}

impl Leaks {
    fn add(&mut self, found: &Self) {
        self.tenant += found.tenant;
        self.transaction += found.transaction;
        self.lock += found.lock;
    }
}

/// Looks at a connection through the eyes of the request that got it, past the guard. In the simple protocol, in which a
/// statement outside of a transaction begins when its transaction does.
async fn inspect(connection: &mut PgConnection, tenant: &str, lock: i64, leaks: &mut Leaks) {
    let text = format!(
        "SELECT coalesce(current_setting('app.current_tenant', true), ''), (now() = statement_timestamp())::text, \
         (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objid <> {lock})::text"
    );
    let row = match connection.fetch_one(AssertSqlSafe(text)).await {
        Ok(row) => row,
        // an aborted transaction of somebody else's answers nothing
        Err(_) => return leaks.transaction += 1,
    };
    leaks.tenant += usize::from(row.get::<&str, _>(0) != tenant);
    leaks.transaction += usize::from(row.get::<&str, _>(1) != "true");
    leaks.lock += usize::from(row.get::<&str, _>(2) != "0");
}

/// One request of `ctx` that reads, and says what it found.
async fn look(pool: &Pool, ctx: &TenantContext, leaks: &mut Leaks) {
    let Ok(mut lease) = pool.read(ctx).await else {
        leaks.transaction += 1;
        return;
    };
    let connection = lease.connection().unwrap();
    let mut found = Leaks::default();
    inspect(connection, &ctx.tenant_id().to_string(), lock_of(ctx), &mut found).await;
    if pool.inner.options.mode == PoolMode::Transaction {
        // a read is a transaction itself: what matters is that nothing of it is left when nobody runs one
        found.transaction = 0;
    }
    leaks.add(&found);
}

/// What is not in a statement's text is in a function.
async fn with_a_hold(database: &Database) {
    let mut superuser = connect_options(&database.superuser_url)
        .unwrap()
        .connect()
        .await
        .unwrap();
    let hold = "CREATE FUNCTION public.hold(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT pg_try_advisory_lock($1)'; \
                GRANT EXECUTE ON FUNCTION public.hold(bigint) TO PUBLIC";
    superuser.execute(hold).await.unwrap();
}

async fn pool() -> (Pool, &'static Postgres) {
    pool_of(PoolOptions::default()).await
}

async fn pool_of(options: PoolOptions) -> (Pool, &'static Postgres) {
    let server = Postgres::shared().await.unwrap();
    let database = server.database_from("sweep", with_a_hold).await.unwrap();
    let connect = connect_options(&database.runtime_url).unwrap();
    let options = PoolOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_secs(10),
        ..options
    };
    let budget = Arc::new(Budget::new(&options));
    let target = Arc::new(Target::known(connect));
    (Pool::new(target, Arc::new(options), budget, 0), server)
}

/// Sweeps every kind of work over every depth of polling until `target` were cancelled.
async fn sweep(pool: &Pool, target: usize) -> (usize, Leaks) {
    let contexts = [
        context(&tenant("alpha", Tier::Free), Role::Owner).await,
        context(&tenant("beta", Tier::Free), Role::Owner).await,
    ];
    let (mut cancelled, mut leaks, mut round) = (0, Leaks::default(), 0);
    while cancelled < target {
        round += 1;
        for (kind, at_once) in (0..6).flat_map(|kind| [(kind, true), (kind, false)]) {
            for polls in 1..=24 {
                let (mine, other) = (&contexts[round % 2], &contexts[(round + polls) % 2]);
                let work = Box::pin(work(kind, pool, mine));
                match (Cancelled { work, polls, at_once }).await {
                    None => cancelled += 1,
                    Some(_) => break,
                }
                look(pool, other, &mut leaks).await;
            }
        }
        assert!(
            round < 10_000,
            "the sweep cancels nothing: {cancelled} of {target}"
        );
    }
    (cancelled, leaks)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_cancellations_leave_nothing_behind() {
    let (pool, _server) = pool().await;
    leaves_nothing(&pool, 5_000).await;
}

/// The same with statements that are closed between tenants, and with transactions only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancellations_leave_nothing_behind_in_each_mode() {
    use crate::{Hygiene::*, PoolMode::*};
    for (mode, hygiene) in [(Session, Strict), (Transaction, Reset), (Transaction, Strict)] {
        let (pool, _server) = pool_of(PoolOptions {
            mode,
            hygiene,
            ..PoolOptions::default()
        })
        .await;
        leaves_nothing(&pool, 1_000).await;
    }
}

/// A hundred thousand, or `TENANCY_SOAK_CANCELLATIONS`, shared among the modes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes: `cargo xtask soak sql`"]
async fn soak_of_cancellations_at_every_depth() {
    use crate::{Hygiene::*, PoolMode::*};
    let named = std::env::var("TENANCY_SOAK_CANCELLATIONS").ok();
    let all: usize = named.map_or(100_000, |number| number.parse().unwrap());
    let ways = [
        (Session, Reset),
        (Session, Strict),
        (Transaction, Reset),
        (Transaction, Strict),
    ];
    for (mode, hygiene) in ways {
        println!("{mode:?}, {hygiene:?}");
        let (pool, _server) = pool_of(PoolOptions {
            mode,
            hygiene,
            ..PoolOptions::default()
        })
        .await;
        leaves_nothing(&pool, all.div_ceil(ways.len())).await;
    }
}

async fn leaves_nothing(pool: &Pool, target: usize) {
    let (cancelled, leaks) = sweep(pool, target).await;
    println!("{cancelled} cancellations, {leaks:?}");
    assert_eq!(leaks, Leaks::default());
    rests(pool).await;
}

/// Nothing was lost on the way: both units of capacity come back.
async fn rests(pool: &Pool) {
    let at_rest = async {
        while !pool.inner.state.lock().at_rest(2) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), at_rest)
        .await
        .unwrap();
    // and the one that cancels
    let connections = pool.inner.budget.connections();
    assert!(connections.counted <= 3, "{connections:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_guard_the_same_sweep_leaks() {
    let (pool, _server) = pool().await;
    pool.inner.unguarded.store(true, Ordering::SeqCst);
    let (cancelled, leaks) = sweep(&pool, 300).await;
    println!("{cancelled} cancellations without the guard, {leaks:?}");
    assert!(leaks.transaction > 0, "{leaks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_idle_is_blank_or_scoped_as_it_is_remembered() {
    let (pool, _server) = pool().await;
    sweep(&pool, 200).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut idle: Vec<Slot> = pool.inner.state.lock().evict_idle();
    assert!(!idle.is_empty());
    for slot in &mut idle {
        let remembered = match slot.session {
            super::slot::Session::Reads(scope) => scope.tenant.to_string(),
            _ => String::new(),
        };
        let mut leaks = Leaks::default();
        inspect(&mut slot.connection, &remembered, 0, &mut leaks).await;
        assert_eq!((leaks.tenant, leaks.transaction), (0, 0));
    }
}

/// Who comes one after another uses one connection.
#[tokio::test]
async fn what_is_nobodys_is_used_before_another_one_is_opened() {
    let (pool, _server) = pool_of(PoolOptions {
        mode: PoolMode::Transaction,
        ..PoolOptions::default()
    })
    .await;
    let alpha = context(&tenant("alpha", Tier::Free), Role::Owner).await;
    for _ in 0..4 {
        drop(pool.read(&alpha).await.unwrap());
        rests(&pool).await;
    }
    assert_eq!(pool.inner.state.lock().evict_idle().len(), 1);
}

/// A connection stays with its tenant for so many turns in a row, and then another one's turn comes.
#[tokio::test]
async fn a_connection_stays_for_a_bounded_number_of_turns() {
    let (pool, _server) = pool_of(PoolOptions::default()).await;
    let alpha = context(&tenant("alpha", Tier::Free), Role::Owner).await;
    let beta = context(&tenant("beta", Tier::Free), Role::Owner).await;
    drop(pool.read(&alpha).await.unwrap());
    // a place of the two is nobody's, so that the other one is fought for
    let kept = pool.begin(&beta).await.unwrap();
    let held = pool.read(&alpha).await.unwrap();
    tokio::time::pause();
    let mut other = Box::pin(pool.read(&beta));
    assert!(futures::poll!(&mut other).is_pending());
    let mut own: Vec<_> = (0..40).map(|_| Box::pin(pool.read(&alpha))).collect();
    for one in &mut own {
        assert!(futures::poll!(one).is_pending());
    }
    drop(held);
    let mut stayed = 0;
    for one in &mut own {
        if let Poll::Ready(lease) = futures::poll!(one) {
            stayed += 1;
            drop(lease);
        }
    }
    assert_eq!(stayed, 16);
    drop((other, own, kept));
}
