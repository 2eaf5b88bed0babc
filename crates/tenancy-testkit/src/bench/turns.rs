//! Runs short operations in batches, in interleaved rounds.

use std::time::{Duration, Instant};

use super::{Micro, awake::Awake, measure::quantile};

/// How much to measure of each [`Micro`].
#[derive(Clone, Debug)]
pub struct Turns {
    /// How many rounds; in each, every case has a turn.
    pub rounds: usize,
    /// How many batches a turn has.
    pub batches: usize,
    /// About how long a batch takes: its operations are counted so.
    pub batch: Duration,
}

/// What was measured of one short operation.
#[derive(Clone, Debug)]
pub struct MicroRow {
    /// The case.
    pub case: &'static str,
    /// What it is compared with.
    pub baseline: &'static str,
    /// Time of one operation: the median over the batches of a turn, and of those over the rounds, in nanoseconds.
    pub p50_ns: f64,
    /// The same of the batches' 99th percentile.
    pub p99_ns: f64,
    /// What a round's median is above the baseline's of the same round: the median over the rounds, in nanoseconds.
    pub above_ns: f64,
    /// The same of the 99th percentile.
    pub above_p99_ns: f64,
    /// Whether the case is about what it adds to its baseline.
    pub added: bool,
    /// Time over the baseline's, within a round: the median. Above 1 it is slower.
    pub ratio: f64,
    /// The least and the greatest ratio of a round.
    pub spread: (f64, f64),
    /// Allocations of one operation.
    pub allocations: f64,
    /// What the case states beside the times.
    pub facts: Vec<(&'static str, u64)>,
}

#[derive(Clone, Copy)]
struct Turn {
    p50: f64,
    p99: f64,
}

impl Turns {
    /// Measures every case. Its batch is sized first, which also warms it up. The cores are kept awake meanwhile.
    ///
    /// `allocations` runs what it is given and tells how many allocations that made: the program that measures has the
    /// allocator that counts.
    pub fn run(&self, cases: &mut [Micro], allocations: impl Fn(&mut dyn FnMut()) -> u64) -> Vec<MicroRow> {
        let _awake = Awake::new();
        let sizes: Vec<u64> = cases.iter_mut().map(|case| size(case, self.batch)).collect();
        let mut turns: Vec<Vec<Turn>> = vec![Vec::new(); cases.len()];
        for round in 0..self.rounds {
            // each round begins with another case
            let count = cases.len();
            for at in (0..count).map(|n| (n + round) % count) {
                if let (Some(case), Some(size), Some(own)) =
                    (cases.get_mut(at), sizes.get(at), turns.get_mut(at))
                {
                    own.push(turn(case, *size, self.batches));
                }
            }
        }
        let counted: Vec<f64> = cases.iter_mut().map(|case| counted(case, &allocations)).collect();
        let names: Vec<&str> = cases.iter().map(Micro::name).collect();
        let all = cases.iter().zip(&turns).zip(counted);
        all.map(|((case, own), allocations)| {
            let at = names.iter().position(|name| *name == case.baseline());
            row(case, own, at.and_then(|at| turns.get(at)), allocations)
        })
        .collect()
    }
}

/// As many operations as take about `length`.
fn size(case: &mut Micro, length: Duration) -> u64 {
    let mut times = 1;
    loop {
        let started = Instant::now();
        case.run(times);
        let took = started.elapsed();
        if took >= length || times >= 1 << 40 {
            return times;
        }
        // a first guess is far off: no more than eightfold at a time
        let share = length.as_nanos() / took.as_nanos().max(1);
        times = times.saturating_mul(u64::try_from(share.clamp(2, 8)).unwrap_or(8));
    }
}

fn turn(case: &mut Micro, size: u64, batches: usize) -> Turn {
    let mut each: Vec<f64> = (0..batches)
        .map(|_| {
            let started = Instant::now();
            case.run(size);
            per(started.elapsed().as_secs_f64() * 1e9, size)
        })
        .collect();
    Turn {
        p50: quantile(&mut each, 0.5),
        p99: quantile(&mut each, 0.99),
    }
}

/// Of so many operations that what happens now and then does not count.
fn counted(case: &mut Micro, allocations: &impl Fn(&mut dyn FnMut()) -> u64) -> f64 {
    const TIMES: u64 = 1_000;
    let count = allocations(&mut || case.run(TIMES));
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of a benchmark are far below 2^52"
    )]
    let count = count as f64;
    per(count, TIMES)
}

fn per(value: f64, times: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of a benchmark are far below 2^52"
    )]
    let times = times as f64;
    value / times
}

fn row(case: &Micro, own: &[Turn], baseline: Option<&Vec<Turn>>, allocations: f64) -> MicroRow {
    let median = |of: fn(&Turn) -> f64| quantile(&mut own.iter().map(of).collect::<Vec<_>>(), 0.5);
    let against = |of: fn((&Turn, &Turn)) -> f64| -> Vec<f64> {
        own.iter().zip(baseline.into_iter().flatten()).map(of).collect()
    };
    let mut ratios = against(|(own, base)| own.p50 / base.p50);
    MicroRow {
        case: case.name(),
        baseline: case.baseline(),
        p50_ns: median(|turn| turn.p50),
        p99_ns: median(|turn| turn.p99),
        above_ns: quantile(&mut against(|(own, base)| own.p50 - base.p50), 0.5),
        above_p99_ns: quantile(&mut against(|(own, base)| own.p99 - base.p99), 0.5),
        added: case.is_added(),
        ratio: quantile(&mut ratios, 0.5),
        spread: (quantile(&mut ratios, 0.0), quantile(&mut ratios, 1.0)),
        allocations,
        facts: case.facts().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_operation_is_compared_with_its_baseline() {
        let work = |rounds: u32| {
            move |times| {
                for _ in 0..times {
                    (0..rounds).for_each(|n| drop(std::hint::black_box(Box::new(n))));
                }
            }
        };
        let mut cases = [
            Micro::new("short", "short", work(50)).with_fact("rounds", 50),
            Micro::new("long", "short", work(500)).added(),
        ];
        let turns = Turns {
            rounds: 3,
            batches: 5,
            batch: Duration::from_micros(300),
        };
        let rows = turns.run(&mut cases, |run| {
            run();
            7_000
        });
        assert!((rows[0].ratio - 1.0).abs() < 1e-9);
        assert!(rows[1].ratio > 2.0, "{rows:?}");
        assert!(
            rows[1].above_ns > 0.0 && rows[1].above_ns < rows[1].p50_ns,
            "{rows:?}"
        );
        assert!((rows[1].allocations - 7.0).abs() < 1e-9);
        assert_eq!((rows[0].added, rows[1].added), (false, true));
        assert_eq!(rows[0].facts, [("rounds", 50)]);
    }
}
