//! More want connections than there may be.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Executor, Row, postgres::PgConnection};
use tenancy_core::{Kind, Result};
use tenancy_sql::{PoolOptions, ReadConnection};
use tenancy_testkit::Postgres;

use super::routes::{Fleet, until};
use crate::support::{connect, permit};

/// Every client that the server has but the one who asks, those that have not said yet who they are among them.
const CLIENTS: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE pid <> pg_backend_pid() AND (backend_type = 'client backend' OR usename IS NULL AND datname IS NOT NULL)";
const SLOW: &str = "SELECT current_database()::text, pg_backend_pid(), pg_sleep(0.03)::text";
/// After what time some are given up while they run.
const PATIENCE: Duration = Duration::from_millis(10);

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

/// What became of the accesses of a task.
#[derive(Debug, Default)]
struct Answers {
    served: u64,
    refused: u64,
    given_up: u64,
    /// By another database than the tenant's.
    elsewhere: u64,
    /// The backends that served.
    backends: BTreeSet<i32>,
}

impl Answers {
    fn add(&mut self, other: Self) {
        self.served += other.served;
        self.refused += other.refused;
        self.given_up += other.given_up;
        self.elsewhere += other.elsewhere;
        self.backends.extend(other.backends);
    }
}

/// Which database answered, and which backend; none, when nobody waited for it.
async fn access(fleet: &Fleet, location: usize, writes: bool, stays: bool) -> Result<Option<(String, i32)>> {
    let ctx = &fleet.tenants[location];
    let patience = if stays { Duration::MAX } else { PATIENCE };
    if writes {
        let mut tx = fleet.core.begin(&permit(ctx)).await?;
        let query = sqlx::query(SLOW).fetch_one(&mut tx);
        let Ok(row) = tokio::time::timeout(patience, query).await else {
            return Ok(None);
        };
        let row = row?;
        tx.commit().await?;
        return Ok(Some((row.get(0), row.get(1))));
    }
    let mut conn = fleet.core.read(ctx).await?;
    let query = sqlx::query(SLOW).fetch_one(&mut conn);
    match tokio::time::timeout(patience, query).await {
        Ok(row) => row.map(|row| Some((row.get(0), row.get(1)))).map_err(Into::into),
        Err(_) => Ok(None),
    }
}

/// One task's accesses: reads, writes, and ones that are given up while they run.
async fn task(fleet: Arc<Fleet>, seed: u64, stop: Arc<AtomicBool>) -> Answers {
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut answers = Answers::default();
    while !stop.load(Ordering::Relaxed) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let location = zipf(random >> 20, fleet.tenants.len());
        let (writes, stays) = (random.is_multiple_of(3), !random.is_multiple_of(10));
        match access(&fleet, location, writes, stays).await {
            Ok(Some((database, backend))) if database == fleet.database_of(location) => {
                answers.served += 1;
                answers.backends.insert(backend);
            }
            Ok(Some(_)) => answers.elsewhere += 1,
            Ok(None) => answers.given_up += 1,
            Err(error) => {
                assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
                answers.refused += 1;
            }
        }
    }
    answers
}

/// How many clients the server had.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    samples: u64,
    most: i64,
    /// In how many samples there were as many as there may be.
    full: u64,
}

/// Samples what the server has, as fast as it answers, until it is told to stop.
async fn watch(mut superuser: PgConnection, budget: u32, stop: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        let clients = superuser.fetch_one(CLIENTS).await.unwrap().get(0);
        seen.samples += 1;
        seen.most = seen.most.max(clients);
        seen.full += u64::from(clients == i64::from(budget));
    }
    seen
}

/// Uses the whole budget: one connection to each of as many databases as it serves, of which some were given up while they ran,
/// so that the connections that cancel are there, too.
async fn fill(fleet: &Fleet, options: &PoolOptions) -> Vec<ReadConnection> {
    let serving = options.serving() as usize;
    let read = |n: usize| fleet.core.read(&fleet.tenants[n]);
    let mut held = futures::future::try_join_all((0..serving).map(read))
        .await
        .unwrap();
    for n in 0..options.connection_budget as usize - serving {
        let sleep = sqlx::query("SELECT pg_sleep(60)").execute(&mut held[n]);
        tokio::time::timeout(PATIENCE, sleep).await.unwrap_err();
        drop(held.remove(n));
        held.insert(n, read(n).await.unwrap());
    }
    held
}

async fn storm(locations: usize, databases: usize, budget: u32, tasks: u64, length: Duration) {
    let options = PoolOptions {
        connection_budget: budget,
        max_connections: 4,
        acquire_timeout: Duration::from_secs(30),
        connect_timeout: Duration::from_secs(20),
        ..PoolOptions::default()
    };
    // nobody else is on the server: whoever is there is one of ours
    let server = Postgres::start().await.unwrap();
    let fleet = Arc::new(Fleet::on(&server, "storm", locations, databases, options.clone()).await);
    let (stop, watched) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut superuser = connect(&fleet.one.superuser_url).await;
    let held = fill(&fleet, &options).await;
    until("the budget is in use", async || {
        superuser.fetch_one(CLIENTS).await.unwrap().get::<i64, _>(0) >= i64::from(budget)
    })
    .await;
    let watching = tokio::spawn(watch(superuser, budget, Arc::clone(&watched)));
    let running: Vec<_> = (0..tasks)
        .map(|seed| tokio::spawn(task(Arc::clone(&fleet), seed, Arc::clone(&stop))))
        .collect();
    // nobody gets one while all are in use
    tokio::time::sleep(Duration::from_secs(2)).await;
    drop(held);
    tokio::time::sleep(length).await;
    stop.store(true, Ordering::Relaxed);
    let mut all = Answers::default();
    for one in running {
        all.add(one.await.unwrap());
    }
    watched.store(true, Ordering::Relaxed);
    let seen = watching.await.unwrap();
    let backends = std::mem::take(&mut all.backends).len();
    println!("budget {budget}: {seen:?}; {all:?} by {backends} backends");
    assert_eq!(all.elsewhere, 0, "answered by another tenant's database");
    assert_eq!(
        seen.most,
        i64::from(budget),
        "the most that there were, and the budget"
    );
    assert!(
        seen.full > 0 && backends > budget as usize,
        "one was closed for another"
    );
    assert!(all.served > 0 && all.refused * 10 <= all.served, "{all:?}");
    drop(fleet);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_budget_is_never_exceeded() {
    storm(200, 8, 16, 64, Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "10,000 placements over 100 databases for a minute"]
async fn the_budget_is_never_exceeded_at_ten_thousand_placements() {
    storm(10_000, 100, 50, 256, Duration::from_secs(60)).await;
}
