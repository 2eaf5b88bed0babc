//! Where the primary was, and when: what a replica's staleness is proven with.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::position::Point;

/// How old a sample is of use, at most.
const OLDEST: Duration = Duration::from_secs(3600);
/// How many are kept, at most.
const MOST: usize = 64;
/// How often the primary is asked, at most.
const OFTEN: Duration = Duration::from_millis(20);

/// Where the primary was, and when: a replica that has replayed what the primary had written at a time shows no older state
/// than that time's. The time is this process's, taken before the primary was asked, so no clocks are compared.
#[derive(Default)]
pub(crate) struct Samples {
    /// Newest first.
    taken: Mutex<Vec<Sample>>,
    /// Held by who asks the primary.
    pub(super) asking: Arc<tokio::sync::Mutex<()>>,
}

/// The primary had written so much when it was asked, and it was asked then or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) at: Instant,
    pub(super) point: Point,
}

/// What is known for a bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing that is young enough.
    Nothing,
    /// A replica must have replayed this.
    Enough { sample: Sample, ask_again: bool },
}

impl Samples {
    pub(super) fn add(&self, sample: Sample) {
        let mut taken = self.taken.lock();
        if taken.first().is_some_and(|last| last.at >= sample.at) {
            return;
        }
        if taken
            .first()
            .is_some_and(|last| last.point.history != sample.point.history)
        {
            // the primary is another one now
            taken.clear();
        }
        taken.insert(0, sample);
        thin(&mut taken);
    }

    /// The newest, when it is no older than this.
    pub(super) fn newest(&self, age: Duration) -> Option<Sample> {
        let newest = self.taken.lock().first().copied();
        newest.filter(|sample| sample.at.elapsed() <= age)
    }

    /// The oldest sample that proves the bound with a quarter of it to spare: the one that a replica has replayed first. The
    /// primary is to be asked again when the newest is a quarter of the bound old, so that there always is one.
    pub(super) fn within(&self, bound: Duration) -> Known {
        let taken = self.taken.lock();
        let Some(newest) = taken.first() else {
            return Known::Nothing;
        };
        let young = |sample: &&Sample| sample.at.elapsed() <= bound - bound / 4;
        match taken.iter().rev().find(young) {
            None => Known::Nothing,
            Some(sample) => Known::Enough {
                sample: *sample,
                ask_again: newest.at.elapsed() > (bound / 4).max(OFTEN),
            },
        }
    }
}

/// Keeps samples whose ages about double from each to the one after the next, so that there are few, and one for each bound.
fn thin(taken: &mut Vec<Sample>) {
    let mut kept: Vec<Sample> = Vec::with_capacity(taken.len());
    for (n, sample) in taken.iter().enumerate() {
        let age = |sample: &Sample| sample.at.elapsed();
        let older = taken.get(n + 1).map(age);
        let bridged = kept
            .last()
            .zip(older)
            .is_some_and(|(last, older)| older <= age(last) * 2);
        if !bridged && age(sample) <= OLDEST && kept.len() < MOST {
            kept.push(*sample);
        }
    }
    *taken = kept;
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::{
        super::position::{DatabaseId, History},
        *,
    };

    const MILLI: Duration = Duration::from_millis(1);

    fn sample(timeline: u32, lsn: u64) -> Sample {
        let history = History {
            system: NonZeroU64::MIN,
            database: DatabaseId::of("core"),
            timeline,
        };
        Sample {
            at: Instant::now(),
            point: Point { history, lsn },
        }
    }

    /// Samples every 25 ms for ten minutes: every bound has one that is not much younger than it asks for.
    #[tokio::test(start_paused = true)]
    async fn every_bound_has_a_sample_and_there_are_few() {
        let samples = Samples::default();
        for n in 0..24_000 {
            samples.add(sample(1, n));
            tokio::time::advance(25 * MILLI).await;
        }
        let count = samples.taken.lock().len();
        assert!(count < 40, "{count}");
        for bound in [100, 250, 1_000, 3_000, 10_000, 60_000, 500_000].map(Duration::from_millis) {
            let Known::Enough { sample, .. } = samples.within(bound) else {
                panic!("none for {bound:?}")
            };
            let age = sample.at.elapsed();
            assert!(age <= bound * 3 / 4 && age >= bound / 4, "{bound:?}: {age:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_primary_is_asked_again_in_time_and_not_too_often() {
        let samples = Samples::default();
        assert_eq!(samples.within(Duration::from_secs(1)), Known::Nothing);
        let first = sample(1, 1);
        samples.add(first);
        let check = |bound, expect| {
            let expect = match expect {
                None => Known::Nothing,
                Some(ask_again) => Known::Enough {
                    sample: first,
                    ask_again,
                },
            };
            assert_eq!(samples.within(bound), expect, "{bound:?}");
        };
        tokio::time::advance(15 * MILLI).await;
        check(40 * MILLI, Some(false));
        check(20 * MILLI, Some(false));
        check(19 * MILLI, None);
        check(Duration::ZERO, None);
        tokio::time::advance(15 * MILLI).await;
        check(40 * MILLI, Some(true));
        check(200 * MILLI, Some(false));
        tokio::time::advance(721 * MILLI).await;
        check(Duration::from_secs(1), None);
    }

    #[tokio::test(start_paused = true)]
    async fn another_history_forgets_the_one_before_and_a_late_answer_counts_for_nothing() {
        let samples = Samples::default();
        let late = sample(1, 1);
        tokio::time::advance(MILLI).await;
        samples.add(sample(1, 2));
        tokio::time::advance(MILLI).await;
        let promoted = sample(2, 1);
        samples.add(promoted);
        samples.add(late);
        assert_eq!(*samples.taken.lock(), [promoted]);
        assert_eq!(samples.newest(MILLI), Some(promoted));
        tokio::time::advance(2 * MILLI).await;
        assert_eq!(samples.newest(MILLI), None);
    }
}
