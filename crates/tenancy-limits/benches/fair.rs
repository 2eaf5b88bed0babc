//! One tenant that sends a hundred times what each of twenty others does, half of the work CPU-bound: the others' latencies
//! with the queue and without, against those with one request of that tenant running at a time.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark that can't go on stops, and its counts are small"
)]

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tenancy_core::{Allowance, Limits, PlanChanges, Role, TenantContext, Tier, Unlimited};
use tenancy_limits::{LimitsConfig, QueueConfig, TenantLimits};
use tenancy_testkit::{bench::print_objects, context, tenant};

#[path = "../tests/it/crowd.rs"]
mod crowd;
use crowd::{Crowd, Flood, Outcome, Work};

const OTHERS: usize = 20;
/// How many requests of one tenant run at a time.
const AT_A_TIME: u64 = 2;
const TIMES: f64 = 100.0;
/// What each request takes, of a core or of time.
const WORK: Duration = Duration::from_millis(4);
const ROUNDS: usize = 3;
const LENGTH: Duration = Duration::from_secs(5);

/// A case: its name, the limits, and what the one tenant does.
type Case = (&'static str, fn() -> Arc<dyn Limits>, Flood);

const CASES: [Case; 3] = [
    ("one_at_a_time", queue, Flood::OneAtATime),
    ("with_queue", queue, Flood::Times(TIMES)),
    ("without_queue", none, Flood::Times(TIMES)),
];

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn queue() -> Arc<dyn Limits> {
    let queue = QueueConfig {
        places: NonZeroUsize::new(2 * cores()).unwrap(),
        ..QueueConfig::default()
    };
    Arc::new(TenantLimits::local(LimitsConfig {
        queue,
        ..LimitsConfig::default()
    }))
}

fn none() -> Arc<dyn Limits> {
    Arc::new(Unlimited)
}

/// Every other request spins, the others wait.
fn work() -> Work {
    Arc::new(|number| {
        Box::pin(async move {
            if number % 2 == 1 {
                return tokio::time::sleep(WORK).await;
            }
            let begin = Instant::now();
            while begin.elapsed() < WORK {
                std::hint::spin_loop();
            }
        })
    })
}

async fn member(slug: &str) -> TenantContext {
    let mut record = tenant(slug, Tier::Standard);
    record.plan = Some(
        PlanChanges {
            concurrent_requests: Some(Allowance::Limited(AT_A_TIME)),
            ..PlanChanges::default()
        }
        .into(),
    );
    context(&record, Role::Owner).await
}

#[tokio::main]
async fn main() {
    let as_json = std::env::args().any(|argument| argument == "--json");
    let flooding = member("flooding").await;
    let mut others = vec![];
    for n in 0..OTHERS {
        others.push(member(&format!("other-{n}")).await);
    }
    let mut rounds: Vec<Vec<Outcome>> = vec![];
    for _ in 0..ROUNDS {
        let mut round = vec![];
        for (_, limits, flood) in CASES {
            let crowd = Crowd {
                limits: limits(),
                flooding: flooding.clone(),
                others: others.clone(),
                // all others together take a fifth of the machine, the one would take all of it
                rate: cores() as f64 * 5.0,
                length: LENGTH,
                work: work(),
            };
            round.push(crowd.run(flood).await);
        }
        rounds.push(round);
    }
    print(&rounds, as_json);
}

/// The median over the rounds.
fn median(rounds: &[Vec<Outcome>], of: impl Fn(&[Outcome]) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(|round| of(round)).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print(rounds: &[Vec<Outcome>], as_json: bool) {
    let per_s = |outcome: &Outcome| outcome.answered.iter().sum::<f64>() / LENGTH.as_secs_f64();
    let round3 = |value: f64| (value * 1e3).round() / 1e3;
    let row = |(n, (case, ..)): (usize, Case)| {
        json!({
            "case": case,
            "tasks": OTHERS + 1,
            "p50_us": median(rounds, |r| r[n].quantile(0.5)).round(),
            "p99_us": median(rounds, |r| r[n].quantile(0.99)).round(),
            "per_s": median(rounds, |r| per_s(&r[n])).round(),
            "ratio": round3(median(rounds, |r| per_s(&r[n]) / per_s(&r[0]))),
            "baseline": CASES[0].0,
            "p99_ratio": round3(median(rounds, |r| r[n].quantile(0.99) / r[0].quantile(0.99))),
            "jain": round3(median(rounds, |r| r[n].jain())),
            "flood_per_s": median(rounds, |r| r[n].flooded as f64 / LENGTH.as_secs_f64()).round(),
        })
    };
    let rows = CASES.into_iter().enumerate().map(row).collect();
    let title = format!(
        "the others' requests, {OTHERS} tenants, {ROUNDS} rounds; the one sends {TIMES} times as much as each"
    );
    let columns = [
        "case",
        "p50_us",
        "p99_us",
        "p99_ratio",
        "jain",
        "per_s",
        "flood_per_s",
    ];
    print_objects(&title, &columns, rows, as_json);
}
