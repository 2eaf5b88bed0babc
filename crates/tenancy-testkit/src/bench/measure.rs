//! Runs cases in interleaved rounds.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::BoxFuture;

use super::awake::Awake;

type Operation = Arc<dyn Fn(usize) -> BoxFuture<'static, ()> + Send + Sync>;

/// One thing to measure, and what it is compared with.
pub struct Case {
    name: &'static str,
    baseline: &'static str,
    round_trips: Option<u64>,
    operation: Operation,
}

impl Case {
    /// A case: `operation` gets the number of the task that runs it, from 0.
    pub fn new<F, W>(name: &'static str, baseline: &'static str, operation: F) -> Self
    where
        F: Fn(usize) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        Self {
            name,
            baseline,
            round_trips: None,
            operation: Arc::new(move |task| Box::pin(operation(task))),
        }
    }

    /// States the round trips of one operation, counted elsewhere.
    #[must_use]
    pub fn with_round_trips(mut self, round_trips: u64) -> Self {
        self.round_trips = Some(round_trips);
        self
    }

    /// The case's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs the operation once, as the first task.
    pub async fn once(&self) {
        (self.operation)(0).await;
    }
}

/// How much to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many tasks run an operation at one time; each number is measured.
    pub tasks: Vec<usize>,
    /// How many rounds; in each, every case has a turn.
    pub rounds: usize,
    /// How long a turn is.
    pub turn: Duration,
}

/// What was measured of one case at one number of tasks: medians over the rounds.
#[derive(Clone, Debug)]
pub struct Row {
    /// The case.
    pub case: &'static str,
    /// How many tasks ran it.
    pub tasks: usize,
    /// Median latency, in microseconds.
    pub p50_us: f64,
    /// 99th percentile of the latency, in microseconds.
    pub p99_us: f64,
    /// Operations a second, over all tasks.
    pub per_s: f64,
    /// Operations a second over the baseline's, within a round: the median.
    pub ratio: f64,
    /// The least and the greatest ratio of a round.
    pub spread: (f64, f64),
    /// What it is compared with.
    pub baseline: &'static str,
    /// Round trips of one operation.
    pub round_trips: Option<u64>,
    /// Each round's turn, in their order.
    pub turns: Vec<Turn>,
}

/// One turn of a case.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Median latency, in microseconds.
    pub p50_us: f64,
    /// 99th percentile of the latency, in microseconds.
    pub p99_us: f64,
    /// Operations a second, over all tasks.
    pub per_s: f64,
}

impl Row {
    /// Operations a second over those of another case, within a round: the median. The other must be of the same run.
    #[must_use]
    pub fn over(&self, other: &Self) -> f64 {
        quantile(&mut self.each(other, |own, other| own.per_s / other.per_s), 0.5)
    }

    /// How much the median latency is above that of another case, within a round: the median, in microseconds. The other
    /// must be of the same run.
    #[must_use]
    pub fn above_us(&self, other: &Self) -> f64 {
        quantile(&mut self.each(other, |own, other| own.p50_us - other.p50_us), 0.5)
    }

    fn each(&self, other: &Self, of: fn(&Turn, &Turn) -> f64) -> Vec<f64> {
        let both = self.turns.iter().zip(&other.turns);
        both.map(|(own, other)| of(own, other)).collect()
    }
}

impl Plan {
    /// Measures every case. A short turn of each comes first and does not count. The cores are kept awake meanwhile.
    pub async fn run(&self, cases: &[Case]) -> Vec<Row> {
        let _awake = Awake::new();
        let mut rows = Vec::new();
        for &tasks in &self.tasks {
            for case in cases {
                turn(case, tasks, self.turn / 4).await;
            }
            let mut turns: Vec<Vec<Turn>> = vec![Vec::new(); cases.len()];
            for round in 0..self.rounds {
                // each round begins with another case
                for at in (0..cases.len()).map(|n| (n + round) % cases.len()) {
                    if let (Some(case), Some(own)) = (cases.get(at), turns.get_mut(at)) {
                        own.push(turn(case, tasks, self.turn).await);
                    }
                }
            }
            rows.extend(
                cases
                    .iter()
                    .zip(&turns)
                    .map(|(case, own)| row(case, tasks, own, baseline(case, cases, &turns))),
            );
        }
        rows
    }
}

async fn turn(case: &Case, tasks: usize, length: Duration) -> Turn {
    let started = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let operation = Arc::clone(&case.operation);
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                // once at least, however late a busy machine gets to it
                loop {
                    let at = Instant::now();
                    operation(task).await;
                    latencies.push(at.elapsed().as_secs_f64() * 1e6);
                    if started.elapsed() >= length {
                        return latencies;
                    }
                }
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in running {
        // a task that panicked has said so; its turn counts for nothing
        latencies.extend(task.await.unwrap_or_default());
    }
    let elapsed = started.elapsed().as_secs_f64();
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of a benchmark are far below 2^52"
    )]
    let per_s = latencies.len() as f64 / elapsed;
    Turn {
        p50_us: quantile(&mut latencies, 0.5),
        p99_us: quantile(&mut latencies, 0.99),
        per_s,
    }
}

fn baseline<'a>(case: &Case, cases: &[Case], turns: &'a [Vec<Turn>]) -> Option<&'a Vec<Turn>> {
    let at = cases.iter().position(|other| other.name == case.baseline)?;
    turns.get(at)
}

fn row(case: &Case, tasks: usize, own: &[Turn], baseline: Option<&Vec<Turn>>) -> Row {
    let of = |value: fn(&Turn) -> f64| own.iter().map(value).collect::<Vec<_>>();
    let mut ratios: Vec<f64> = own
        .iter()
        .zip(baseline.into_iter().flatten())
        .map(|(own, base)| own.per_s / base.per_s)
        .collect();
    Row {
        case: case.name,
        tasks,
        p50_us: quantile(&mut of(|turn| turn.p50_us), 0.5),
        p99_us: quantile(&mut of(|turn| turn.p99_us), 0.5),
        per_s: quantile(&mut of(|turn| turn.per_s), 0.5),
        ratio: quantile(&mut ratios, 0.5),
        spread: (quantile(&mut ratios, 0.0), quantile(&mut ratios, 1.0)),
        baseline: case.baseline,
        round_trips: case.round_trips,
        turns: own.to_vec(),
    }
}

/// The value below which this share of the values lies; NaN without values.
pub(super) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into the values"
    )]
    let at = (last as f64 * share).round() as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        let mut values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(
            [0.0, 0.5, 0.99, 1.0].map(|share| quantile(&mut values, share)),
            [0.0, 50.0, 99.0, 100.0]
        );
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[tokio::test]
    async fn a_case_is_compared_with_its_baseline() {
        let sleep = |ms| Duration::from_millis(ms);
        let cases = [
            Case::new("slow", "slow", move |_| tokio::time::sleep(sleep(100))),
            Case::new("fast", "slow", move |_| tokio::time::sleep(sleep(2))).with_round_trips(1),
        ];
        let plan = Plan {
            tasks: vec![1, 2],
            rounds: 3,
            turn: sleep(250),
        };
        let rows = plan.run(&cases).await;
        assert_eq!(rows.len(), 4);
        assert!((rows[0].ratio - 1.0).abs() < 1e-9);
        assert!(rows[1].ratio > 1.5, "{rows:?}");
        assert_eq!(rows[1].round_trips, Some(1));
        assert!((rows[1].over(&rows[0]) - rows[1].ratio).abs() < 1e-9);
        assert!(rows[0].above_us(&rows[1]) > 1e4, "{rows:?}");
    }
}
