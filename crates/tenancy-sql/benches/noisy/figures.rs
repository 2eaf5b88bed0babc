//! What was measured, and how it is shown.

use std::time::Duration;

use serde_json::json;

use tenancy_testkit::bench::print_objects;

use crate::{access::Access, world::World};

/// One thing to measure, and what it is compared with.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    name: &'static str,
    pub(crate) access: fn(&World) -> futures::future::BoxFuture<'static, Access>,
    pub(crate) in_flight: usize,
    baseline: &'static str,
}

impl Case {
    pub(crate) const fn new(
        name: &'static str,
        access: fn(&World) -> futures::future::BoxFuture<'static, Access>,
        in_flight: usize,
        baseline: &'static str,
    ) -> Self {
        Self {
            name,
            access,
            in_flight,
            baseline,
        }
    }
}

/// A light request: how long it waited for its connection, if it got one, and how long it took in all.
pub(crate) struct Sample {
    pub(crate) waited: Option<Duration>,
    pub(crate) took: Duration,
}

/// A turn of a case.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) samples: Vec<Sample>,
    /// How many of the one tenant's were answered.
    pub(crate) neighbour: u64,
}

impl Figures {
    /// In microseconds.
    fn quantile(&self, share: f64, of: impl Fn(&Sample) -> Option<Duration>) -> f64 {
        let micros = |sample| of(sample).map(|time| time.as_secs_f64() * 1e6);
        let mut values: Vec<f64> = self.samples.iter().filter_map(micros).collect();
        tenancy_testkit::bench::quantile(&mut values, share)
    }

    /// One that got no connection waited for as long as it took.
    fn waited(&self, share: f64) -> f64 {
        self.quantile(share, |sample| Some(sample.waited.unwrap_or(sample.took)))
    }

    fn took(&self, share: f64) -> f64 {
        self.quantile(share, |sample| Some(sample.took))
    }

    fn refused(&self) -> usize {
        self.samples
            .iter()
            .filter(|sample| sample.waited.is_none())
            .count()
    }
}

/// The median over the rounds.
fn median(rounds: &[Vec<Figures>], of: impl Fn(&[Figures]) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(|round| of(round)).collect();
    tenancy_testkit::bench::quantile(&mut values, 0.5)
}

/// Prints a table for people, or with `as_json` one array of objects.
pub(crate) fn print(cases: &[Case], rounds: &[Vec<Figures>], turn: Duration, as_json: bool) {
    let rounded = |value: f64, digits: f64| (value * digits).round() / digits;
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
    let row = |(n, case): (usize, &Case)| {
        let base = cases
            .iter()
            .position(|other| other.name == case.baseline)
            .unwrap_or(n);
        let p99_ratio = |round: &[Figures]| round[n].took(0.99) / round[base].took(0.99);
        let per_s = |round: &[Figures]| round[n].samples.len() as f64 / turn.as_secs_f64();
        let ratio =
            |round: &[Figures]| per_s(round) / (round[base].samples.len() as f64 / turn.as_secs_f64());
        let neighbour = |round: &[Figures]| round[n].neighbour as f64 / turn.as_secs_f64();
        json!({
            "case": case.name,
            "tasks": case.in_flight,
            "wait_p50_us": rounded(median(rounds, |round| round[n].waited(0.5)), 1.0),
            "wait_p99_us": rounded(median(rounds, |round| round[n].waited(0.99)), 1.0),
            "p50_us": rounded(median(rounds, |round| round[n].took(0.5)), 1.0),
            "p99_us": rounded(median(rounds, |round| round[n].took(0.99)), 1.0),
            "p99_ratio": rounded(median(rounds, p99_ratio), 100.0),
            "per_s": rounded(median(rounds, per_s), 1.0),
            "ratio": rounded(median(rounds, ratio), 1000.0),
            "refused": rounds.iter().map(|round| round[n].refused()).sum::<usize>(),
            "neighbour_per_s": rounded(median(rounds, neighbour), 10.0),
            "baseline": case.baseline,
        })
    };
    let rows = cases.iter().enumerate().map(row).collect();
    let title = format!(
        "the others' requests; medians over {} rounds of {} s",
        rounds.len(),
        turn.as_secs()
    );
    let columns = [
        "case",
        "tasks",
        "wait_p50_us",
        "wait_p99_us",
        "p50_us",
        "p99_us",
        "p99_ratio",
        "per_s",
        "refused",
        "neighbour_per_s",
    ];
    print_objects(&title, &columns, rows, as_json);
}
