//! One budget of connections over many databases.

mod waits;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Executor, Row};
use tempfile::TempDir;
use tenancy_core::{Kind, Location, Result, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{BudgetExhausted, Databases, PoolOptions, SqlHandle};
use tenancy_testkit::{Database, Postgres, context, tenant};

use crate::support::{connect, permit};

/// A fleet of dedicated databases: so many locations, spread over a few databases of one server.
struct Fleet {
    databases: Databases,
    core: SqlHandle,
    tenants: Vec<TenantContext>,
    /// A database of it, and the role that all are served by.
    one: Database,
    secrets: TempDir,
}

impl Fleet {
    async fn new(name: &str, locations: usize, databases: usize, options: PoolOptions) -> Self {
        let server = Postgres::shared().await.unwrap();
        let role = format!("{name}_runtime");
        let mut made = Vec::new();
        for n in 0..databases {
            let database = server
                .create_database(&format!("{name}_{n}"), &format!("{name}_owner"), &role)
                .await;
            made.push(database.unwrap());
        }
        let secrets = tempfile::tempdir().unwrap();
        let mut places = BTreeMap::new();
        let mut tenants = Vec::new();
        for n in 0..locations {
            let file = secrets.path().join(n.to_string());
            std::fs::write(&file, made[n % databases].runtime_url.expose_secret()).unwrap();
            places.insert(at(n), SecretRef::File(file));
            let mut record = tenant(&format!("tenant-{n}"), Tier::Standard);
            record.placement.sql.insert("core".parse().unwrap(), at(n));
            tenants.push(context(&record, Role::Owner).await);
        }
        let databases = Databases::new(places, options);
        Self {
            core: databases.handle("core".parse().unwrap()),
            databases,
            tenants,
            one: made.swap_remove(0),
            secrets,
        }
    }

    async fn ask(&self, n: usize) -> Result<i32> {
        let mut conn = self.core.read(&self.tenants[n]).await?;
        let row = sqlx::query("SELECT pg_backend_pid()")
            .fetch_one(&mut conn)
            .await?;
        Ok(row.get(0))
    }

    /// How many backends the server has for the fleet.
    async fn backends(&self) -> i64 {
        let mut superuser = connect(&self.one.superuser_url).await;
        superuser.fetch_one(self.counts()).await.unwrap().get(0)
    }

    fn counts(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'",
            self.one.runtime_role
        ))
    }

    fn write(&self, n: usize, url: &str) {
        std::fs::write(self.secrets.path().join(n.to_string()), url).unwrap();
    }
}

fn at(n: usize) -> Location {
    format!("tenant-{n}-postgres-1").parse().unwrap()
}

/// A budget of one connection that serves, and one that cancels.
fn least() -> PoolOptions {
    PoolOptions {
        connection_budget: 2,
        acquire_timeout: Duration::from_millis(1500),
        ..PoolOptions::default()
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let soon = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), soon)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

#[tokio::test]
async fn what_idles_is_closed_for_another_database_and_what_is_in_use_is_not() {
    let fleet = Fleet::new("budget_lru", 2, 2, least()).await;
    let first = fleet.ask(0).await.unwrap();
    assert_ne!(
        fleet.ask(1).await.unwrap(),
        first,
        "the idle one was closed for it"
    );
    assert_eq!(fleet.backends().await, 1);

    let held = fleet.core.read(&fleet.tenants[1]).await.unwrap();
    let error = fleet.core.read(&fleet.tenants[0]).await.unwrap_err();
    let exhausted = std::error::Error::source(&error).and_then(|source| source.downcast_ref());
    let Some(BudgetExhausted { budget: 1, .. }) = exhausted else {
        panic!("{error:?}")
    };
    assert_eq!(
        (error.kind(), error.problem().retry_after_seconds()),
        (Kind::Unavailable, Some(1))
    );
    assert!(error.log().unwrap().contains("sql.connection_budget"));

    let (waited, ()) = tokio::join!(fleet.ask(0), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(fleet.databases.connections().waiting, 1);
        drop(held);
    });
    waited.unwrap();
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn a_database_that_is_always_busy_yields_to_another() {
    let fleet = Arc::new(Fleet::new("budget_yield", 2, 1, least()).await);
    let stop = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let (fleet, stop) = (Arc::clone(&fleet), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let _ = fleet.ask(0).await;
                }
            })
        })
        .collect();
    until("the busy one runs", async || {
        fleet.databases.connections().counted > 0
    })
    .await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..3 {
        fleet.ask(1).await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for one in busy {
        one.await.unwrap();
    }
}

/// Stops a process, or lets it go on.
fn signal(name: &str, process: i32) {
    let mut kill = std::process::Command::new("kill");
    let status = kill.args([name, &process.to_string()]).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn a_connection_counts_until_the_server_has_let_go() {
    let options = PoolOptions {
        acquire_timeout: Duration::from_secs(10),
        ..least()
    };
    let fleet = Fleet::new("budget_let_go", 2, 2, options).await;
    let stuck = fleet.ask(0).await.unwrap();
    signal("-STOP", stuck);
    let mut other = Box::pin(fleet.ask(1));
    let early = tokio::time::timeout(Duration::from_millis(700), &mut other).await;
    signal("-CONT", stuck);
    assert!(early.is_err(), "its backend is still there");
    other.await.unwrap();
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn callers_of_one_database_share_what_it_has_of_the_budget() {
    let fleet = Fleet::new("budget_own", 1, 1, least()).await;
    let asked = (0..50).map(|_| fleet.ask(0));
    for answer in futures::future::join_all(asked).await {
        answer.unwrap();
    }
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn connections_that_idle_are_closed_and_nothing_is_kept_for_them() {
    let options = PoolOptions {
        idle_timeout: Duration::from_millis(100),
        ..PoolOptions::default()
    };
    let fleet = Fleet::new("budget_idle", 2, 2, options).await;
    let (one, two) = tokio::join!(
        fleet.core.read(&fleet.tenants[0]),
        fleet.core.read(&fleet.tenants[1])
    );
    assert_eq!(fleet.databases.connections().counted, 2);
    drop(one.unwrap());
    until("the idle one is closed", async || fleet.backends().await == 1).await;
    assert_eq!(fleet.databases.connections().counted, 1);
    drop(two.unwrap());
    until("the other is, too", async || fleet.backends().await == 0).await;
    until("it counts no more", async || {
        fleet.databases.connections().counted == 0
    })
    .await;
    let live = || format!("{:?}", fleet.databases).contains("pools: 0");
    until("the pools are forgotten", async || live()).await;
    fleet.ask(0).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_nobody_waits_for_any_longer_comes_into_the_pool() {
    let fleet = Fleet::new("budget_given_up", 1, 1, least()).await;
    let mut opening = Box::pin(fleet.core.read(&fleet.tenants[0]));
    assert!(futures::poll!(&mut opening).is_pending());
    drop(opening);
    fleet.ask(0).await.unwrap();
    let connections = fleet.databases.connections();
    assert_eq!((connections.counted, connections.unproven), (1, 0));
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn connections_that_are_warm_are_used_and_no_more_than_the_budget() {
    let options = PoolOptions {
        connection_budget: 4,
        ..PoolOptions::default()
    };
    let fleet = Fleet::new("budget_warm", 2, 1, options).await;
    assert_eq!(fleet.databases.warm(&at(0), 2).await.unwrap(), 2);
    assert_eq!(fleet.backends().await, 2);
    fleet.ask(0).await.unwrap();
    assert_eq!(fleet.backends().await, 2, "a warm one is used");
    assert_eq!(fleet.databases.warm(&at(1), 5).await.unwrap(), 1);
    assert_eq!(fleet.backends().await, 3, "nothing is closed for warmth");
    let unknown = "nowhere".parse().unwrap();
    assert_eq!(
        fleet.databases.warm(&unknown, 1).await.unwrap_err().kind(),
        Kind::NotFound
    );
}

#[tokio::test]
async fn a_password_that_was_changed_is_read_again_and_nothing_else_is() {
    let fleet = Fleet::new("budget_secret", 1, 1, least()).await;
    fleet.ask(0).await.unwrap();
    let role = &fleet.one.runtime_role;
    let mut superuser = connect(&fleet.one.superuser_url).await;
    let change = format!(
        "ALTER ROLE {role} PASSWORD 'rotated'; \
         SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{role}'"
    );
    superuser.execute(AssertSqlSafe(change)).await.unwrap();
    // finds that the server ended the connection
    fleet.ask(0).await.unwrap_err();
    let refused = async || fleet.core.read(&fleet.tenants[0]).await.map(drop);
    let error = refused().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.log().unwrap().contains("28P01"), "{error:?}");

    // another role is not the one that was proven
    fleet.write(0, fleet.one.superuser_url.expose_secret());
    assert!(refused().await.unwrap_err().log().unwrap().contains("28P01"));

    let old = fleet.one.runtime_url.expose_secret();
    let (login, rest) = old.rsplit_once('@').unwrap();
    let (login, _) = login.rsplit_once(':').unwrap();
    fleet.write(0, &format!("{login}:rotated@{rest}"));
    until("the new password is used", async || fleet.ask(0).await.is_ok()).await;
}

/// How often an index comes up is one over its rank (Zipf, exponent 1), by the logarithm.
fn zipf(random: u64, of: usize) -> usize {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let index = ((of as f64).powf((random % 1_000_000) as f64 / 1_000_000.0) - 1.0) as usize;
    index.min(of - 1)
}

/// One task's accesses: reads, writes, slow ones and ones that are given up.
async fn access(fleet: Arc<Fleet>, seed: u64, stop: Arc<AtomicBool>) -> (u64, u64) {
    let (mut random, mut served, mut refused) = (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, 0, 0);
    while !stop.load(Ordering::Relaxed) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let ctx = &fleet.tenants[zipf(random >> 20, fleet.tenants.len())];
        let work = async {
            if random.is_multiple_of(3) {
                let mut tx = fleet.core.begin(&permit(ctx)).await?;
                sqlx::query("SELECT pg_sleep(0.002)").execute(&mut tx).await?;
                return tx.commit().await;
            }
            let mut conn = fleet.core.read(ctx).await?;
            sqlx::query("SELECT pg_sleep(0.001)").execute(&mut conn).await?;
            Ok(())
        };
        let patience = if random.is_multiple_of(10) { 3 } else { 60_000 };
        match tokio::time::timeout(Duration::from_millis(patience), work).await {
            Ok(Ok(())) => served += 1,
            Ok(Err(error)) => {
                assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
                refused += 1;
            }
            Err(_) => {}
        }
    }
    (served, refused)
}

/// Samples what the server has, as fast as it answers, while 64 tasks access the fleet. The most that was seen.
async fn storm(name: &str, locations: usize, databases: usize, budget: u32, seconds: u64) {
    let options = PoolOptions {
        connection_budget: budget,
        max_connections: 4,
        acquire_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(1),
        ..PoolOptions::default()
    };
    let fleet = Arc::new(Fleet::new(name, locations, databases, options).await);
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..64)
        .map(|seed| tokio::spawn(access(Arc::clone(&fleet), seed, Arc::clone(&stop))))
        .collect();
    let mut superuser = connect(&fleet.one.superuser_url).await;
    let ends = std::time::Instant::now() + Duration::from_secs(seconds);
    let (mut most, mut samples, mut counted) = (0_i64, 0, 0);
    while std::time::Instant::now() < ends {
        let connections = fleet.databases.connections();
        counted = counted.max(connections.counted - connections.unproven);
        most = most.max(superuser.fetch_one(fleet.counts()).await.unwrap().get(0));
        samples += 1;
    }
    stop.store(true, Ordering::Relaxed);
    let (mut served, mut refused) = (0, 0);
    for task in tasks {
        let (ok, not) = task.await.unwrap();
        (served, refused) = (served + ok, refused + not);
    }
    println!(
        "{samples} samples, {most} of {budget} at most, {counted} counted; {served} served, {refused} refused"
    );
    assert!(most <= i64::from(budget), "{most} of {budget}");
    assert!(
        counted >= budget as usize - 4,
        "{counted}: the budget was not the bound"
    );
    assert!(
        served > 0 && refused <= served,
        "{served} served, {refused} refused"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_budget_is_never_exceeded() {
    storm("budget_storm", 200, 8, 16, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "10,000 placements over 50 databases for a minute"]
async fn the_budget_is_never_exceeded_at_ten_thousand_placements() {
    storm("budget_long", 10_000, 50, 50, 60).await;
}
