//! Units: each is the right to one connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tenancy_core::{Error, Result, fair};
use tokio::{
    sync::oneshot::{self, Receiver},
    time::Instant,
};

use super::{BudgetExhausted, UNPROVEN, YIELDS_AFTER, counter::Counter};

/// Units of the budget. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Units {
    inner: Arc<Inner>,
}

struct Inner {
    all: usize,
    counter: Mutex<Counter>,
    /// How many are wanted, to be read without the lock.
    wanted: AtomicUsize,
}

/// The right to one connection to one database. Dropped, it counts for [a while](UNPROVEN) longer when a socket was opened
/// with it: who knows better says so.
pub(crate) struct Unit {
    units: Units,
    database: u64,
    /// For how much longer it counts.
    after: Duration,
}

/// What came of asking for a unit.
pub(crate) enum Asked {
    Has(Unit),
    Waits(Turn),
}

/// A place in the queue for a unit. Dropping it leaves no hole: it is taken out, or the unit that it just got goes on.
pub(crate) struct Turn {
    units: Units,
    number: u64,
    granted: Receiver<Unit>,
}

impl Units {
    pub(super) fn new(all: usize, waiting: usize) -> Self {
        let inner = Inner {
            all,
            counter: Mutex::new(Counter::new(all, waiting)),
            wanted: AtomicUsize::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Asks for a unit for one of a database's connections, of which it has `cap` at most.
    ///
    /// # Errors
    ///
    /// `Unavailable` when too many wait already.
    pub(crate) fn ask(&self, database: u64, cap: usize) -> Result<Asked> {
        self.expire();
        let (wake, granted) = oneshot::channel();
        match self.with(|counter| counter.ask(database, cap, Instant::now(), wake)) {
            fair::Asked::Runs => Ok(Asked::Has(self.unit(database))),
            fair::Asked::Waits(number) => Ok(Asked::Waits(Turn {
                units: self.clone(),
                number,
                granted,
            })),
            fair::Asked::TenantFull | fair::Asked::Full => Err(self.refusal()),
        }
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.inner.counter.lock().is_exhausted()
    }

    /// Why a caller has none.
    pub(crate) fn refusal(&self) -> Error {
        if self.is_exhausted() {
            let budget = self.inner.all;
            return BudgetExhausted { budget }.into();
        }
        Error::unavailable("the database holds on to as many ended connections as its pool may have")
    }

    /// How many are wanted that others hold. An atomic read.
    pub(crate) fn wanted(&self) -> usize {
        self.inner.wanted.load(Ordering::SeqCst)
    }

    /// Whether another database has waited for one for so long that `database` shall not keep one that comes back.
    pub(crate) fn claims_from(&self, database: u64) -> bool {
        let since = self.inner.counter.lock().others_wait_since(database);
        since.is_some_and(|since| since.elapsed() >= YIELDS_AFTER)
    }

    /// Gives on what has counted for long enough.
    pub(crate) fn expire(&self) {
        let now = Instant::now();
        self.with(|counter| counter.expire(now));
        self.give();
    }

    pub(super) fn figures(&self) -> (usize, usize, usize) {
        self.inner.counter.lock().figures()
    }

    /// Nobody is woken under the lock.
    fn give(&self) {
        while let Some(waiter) = self.with(Counter::next) {
            // a unit that nobody took comes back as it drops
            drop(waiter.wake.send(self.unit(waiter.database)));
        }
    }

    fn unit(&self, database: u64) -> Unit {
        Unit {
            units: self.clone(),
            database,
            after: Duration::ZERO,
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counter) -> T) -> T {
        let mut counter = self.inner.counter.lock();
        let answer = change(&mut counter);
        self.inner.wanted.store(counter.wanted(), Ordering::SeqCst);
        answer
    }
}

impl Unit {
    /// A socket is about to be opened: from here on somebody has to say that it is over.
    pub(crate) fn opens(&mut self) {
        self.after = UNPROVEN;
    }

    /// The server has let go of the socket, or never had it.
    pub(crate) fn let_go(mut self) {
        self.after = Duration::ZERO;
    }

    /// The server lets go of it about now.
    pub(crate) fn ends_within(mut self, after: Duration) {
        self.after = after;
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        let now = Instant::now();
        self.units
            .with(|counter| counter.leave(self.database, self.after, now));
        if self.after.is_zero() {
            self.units.give();
        }
    }
}

impl Turn {
    /// The unit, when it comes.
    pub(crate) async fn unit(&mut self) -> Option<Unit> {
        (&mut self.granted).await.ok()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.units.with(|counter| counter.cancel(self.number));
        // one that is on its way comes back as it drops
        self.granted.close();
        drop(self.granted.try_recv());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::ENDING;

    fn has(units: &Units, database: u64) -> Option<Unit> {
        match units.ask(database, 1) {
            Ok(Asked::Has(unit)) => Some(unit),
            _ => None,
        }
    }

    /// After what time a unit that was given up so is to be had again.
    async fn check(give_up: impl FnOnce(Unit), expect: Duration) {
        let units = Units::new(1, 1);
        give_up(has(&units, 1).unwrap());
        if !expect.is_zero() {
            tokio::time::advance(expect - Duration::from_millis(1)).await;
            assert!(has(&units, 2).is_none(), "{expect:?}");
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(has(&units, 2).is_some(), "{expect:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_proven_to_be_over_counts_for_longer() {
        check(drop, Duration::ZERO).await;
        let opened = |mut unit: Unit| {
            unit.opens();
            unit
        };
        check(|unit| drop(opened(unit)), UNPROVEN).await;
        check(|unit| opened(unit).ends_within(ENDING), ENDING).await;
        check(|unit| opened(unit).let_go(), Duration::ZERO).await;
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_silent_databases_hold_is_not_wanted_from_others() {
        let units = Units::new(2, 10);
        let mut silent = has(&units, 1).unwrap();
        silent.opens();
        drop(silent);
        let turn = units.ask(1, 1).unwrap();
        assert!(matches!(turn, Asked::Waits(_)));
        assert_eq!(units.wanted(), 0, "its own are in the way");
        let _other = has(&units, 2).unwrap();
        assert_eq!(units.wanted(), 0, "still its own");
        let _waits = units.ask(3, 1).unwrap();
        assert!(units.wanted() > 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_unit_on_its_way_to_somebody_who_left_goes_on() {
        let units = Units::new(1, 10);
        let held = has(&units, 1).unwrap();
        let Ok(Asked::Waits(gone)) = units.ask(2, 1) else {
            panic!()
        };
        let Ok(Asked::Waits(mut next)) = units.ask(3, 1) else {
            panic!()
        };
        drop(held);
        drop(gone);
        let unit = tokio::time::timeout(Duration::from_secs(1), next.unit()).await;
        assert!(unit.unwrap().is_some());
    }
}
