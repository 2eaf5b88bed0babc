//! One tenant with 1,000 requests in flight, half of them scans that keep a core busy, the others sleeps and locks; and twenty
//! tenants with light ones. How long those wait for a connection, and how long they take, against what it is while that tenant
//! runs one request at a time: through our pool and through the driver's own.
//!
//! The wait is for the connection; the round trip that scopes it counts as part of the request. `ours_half` is a deployment
//! whose `tenant_connections` are half of the cores: a statement that computes takes one as long as it runs.
//! `--rounds N` is for a quick look.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a benchmark that can't go on stops, and it compares with the raw pool"
)]

mod access;
mod figures;
mod world;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tenancy_testkit::{Postgres, bench::Awake};

use self::{
    access::Access,
    figures::{Case, Figures, Sample, print},
    world::World,
};

/// How many requests the one tenant has in flight.
const IN_FLIGHT: usize = 1_000;
const ROUNDS: usize = 5;
/// What comes before a turn and does not count.
const WARM_UP: Duration = Duration::from_secs(1);
const TURN: Duration = Duration::from_secs(4);

/// What is compared: a pool, and how many requests of the one tenant are in flight.
const CASES: [Case; 5] = [
    Case::new("ours_calm", Access::ours, 1, "ours_calm"),
    Case::new("ours_noisy", Access::ours, IN_FLIGHT, "ours_calm"),
    Case::new("ours_half", Access::ours_half, IN_FLIGHT, "ours_calm"),
    Case::new("sqlx_calm", Access::sqlx, 1, "sqlx_calm"),
    Case::new("sqlx_noisy", Access::sqlx, IN_FLIGHT, "sqlx_calm"),
];

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let mut given = arguments.iter().skip_while(|argument| *argument != "--rounds");
    let count = given.nth(1).map_or(ROUNDS, |count| count.parse().unwrap());
    let server = Postgres::start().await.unwrap();
    let world = Arc::new(World::new(&server).await);
    if !json {
        world.introduce().await;
    }
    let awake = Awake::new();
    let mut rounds = Vec::new();
    for _ in 0..count {
        let mut round = Vec::new();
        for case in CASES {
            let access = Arc::new((case.access)(&world).await);
            round.push(turn(&world, access, case.in_flight).await);
            world.clear().await;
        }
        rounds.push(round);
    }
    drop(awake);
    print(&CASES, &rounds, TURN, json);
    server.stop().await.unwrap();
}

/// One turn of one case. The others come one after another, each tenant's some 25 ms after it was answered.
async fn turn(world: &Arc<World>, access: Arc<Access>, in_flight: usize) -> Figures {
    let answered = Arc::new(AtomicU64::new(0));
    let neighbour: Vec<_> = (0..in_flight)
        .map(|n| {
            tokio::spawn(neighbour(
                Arc::clone(world),
                Arc::clone(&access),
                n,
                Arc::clone(&answered),
            ))
        })
        .collect();
    let counts_from = Instant::now() + WARM_UP;
    let ends = counts_from + TURN;
    let others: Vec<_> = (0..world.others.len())
        .map(|n| {
            tokio::spawn(other(
                Arc::clone(world),
                Arc::clone(&access),
                n,
                counts_from,
                ends,
            ))
        })
        .collect();
    tokio::time::sleep(WARM_UP).await;
    let before = answered.load(Ordering::Relaxed);
    let mut figures = Figures::default();
    for one in others {
        figures.samples.extend(one.await.unwrap());
    }
    figures.neighbour = answered.load(Ordering::Relaxed) - before;
    for one in neighbour {
        one.abort();
        let _ = one.await;
    }
    figures
}

/// One of the requests that the one tenant always has in flight: when one is answered or refused, the next one comes.
async fn neighbour(world: Arc<World>, access: Arc<Access>, n: usize, answered: Arc<AtomicU64>) {
    for number in n.. {
        if access.heavy(&world.neighbour, number).await {
            answered.fetch_add(1, Ordering::Relaxed);
        } else {
            // as a client does that is told to come again
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn other(
    world: Arc<World>,
    access: Arc<Access>,
    n: usize,
    counts_from: Instant,
    ends: Instant,
) -> Vec<Sample> {
    let (ctx, mut samples) = (&world.others[n], Vec::new());
    let mut random = n as u64 + 1;
    while Instant::now() < ends {
        // 10 to 40 ms, so that they do not march in step
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        tokio::time::sleep(Duration::from_micros(10_000 + (random >> 33) % 30_000)).await;
        let sample = access.light(ctx).await;
        if Instant::now() >= counts_from {
            samples.push(sample);
        }
    }
    samples
}
