//! The budget that all pools of a process share.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;

use super::Units;
use crate::{PoolOptions, pool::Inner};

/// The budget, and the pools that share it.
pub(crate) struct Budget {
    /// For what serves.
    pub(crate) serving: Units,
    /// For what cancels. A database has one of them at most.
    pub(crate) cancelling: Units,
    /// By the number of their database.
    pools: Mutex<BTreeMap<u64, Weak<Inner>>>,
    /// How many connections are being closed, so that none is closed for a caller who is about to get another's.
    closing: AtomicUsize,
    all: usize,
}

/// How many connections a process has to its databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connections {
    /// How many it may have.
    pub budget: usize,
    /// How many count: open, being opened or closed, and those of which it is not known whether the server let go.
    pub counted: usize,
    /// Those of them of which it is not known.
    pub unproven: usize,
    /// Callers that wait for one to be let go.
    pub waiting: usize,
}

/// Held while a connection is closed.
pub(crate) struct Closing {
    budget: Arc<Budget>,
}

impl Budget {
    pub(crate) fn new(options: &PoolOptions) -> Self {
        let all = options.connection_budget as usize;
        let serving = options.serving() as usize;
        Self {
            serving: Units::new(serving, options.max_waiting),
            cancelling: Units::new(all - serving, options.max_waiting),
            pools: Mutex::default(),
            closing: AtomicUsize::new(0),
            all,
        }
    }

    /// From here on the pool's idle connections may be closed for others.
    pub(crate) fn join(&self, number: u64, pool: &Arc<Inner>) {
        self.pools.lock().insert(number, Arc::downgrade(pool));
    }

    /// The pools that there are. Those that are gone are forgotten.
    pub(crate) fn pools(&self) -> Vec<Arc<Inner>> {
        let mut pools = self.pools.lock();
        pools.retain(|_, pool| pool.strong_count() > 0);
        pools.values().filter_map(Weak::upgrade).collect()
    }

    /// A connection is being closed, whatever for.
    pub(crate) fn closes(self: &Arc<Self>) -> Closing {
        self.closing.fetch_add(1, Ordering::SeqCst);
        self.closing()
    }

    /// Whether callers wait for units that others hold. An atomic read.
    pub(crate) fn is_wanted(&self) -> bool {
        self.serving.wanted() > 0
    }

    /// Whether all that may serve are in use.
    pub(crate) fn is_full(&self) -> bool {
        self.serving.is_exhausted()
    }

    /// Whether a connection is to be closed for a caller who waits: no more than are wanted.
    pub(crate) fn wants_one_closed(self: &Arc<Self>) -> Option<Closing> {
        let wanted = self.serving.wanted();
        let one_more = |closing| (closing < wanted).then_some(closing + 1);
        self.closing
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more)
            .ok()?;
        Some(self.closing())
    }

    /// Whether a connection that comes back to `database` is to be closed for another.
    pub(crate) fn claims_from(self: &Arc<Self>, database: u64) -> Option<Closing> {
        (self.is_wanted() && self.serving.claims_from(database))
            .then(|| self.wants_one_closed())
            .flatten()
    }

    fn closing(self: &Arc<Self>) -> Closing {
        Closing {
            budget: Arc::clone(self),
        }
    }

    pub(crate) fn connections(&self) -> Connections {
        let (serving, unproven, waiting) = self.serving.figures();
        let (cancelling, also_unproven, also_waiting) = self.cancelling.figures();
        Connections {
            budget: self.all,
            counted: serving + cancelling,
            unproven: unproven + also_unproven,
            waiting: waiting + also_waiting,
        }
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.budget.closing.fetch_sub(1, Ordering::SeqCst);
    }
}
