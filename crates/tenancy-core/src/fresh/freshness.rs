//! What the feed of changes said, and what follows for an answer.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::RwLock;
use tokio::time::Instant;

use super::{CacheOptions, Entry, entry::Began};
use crate::{TenantId, directory::Changed};

/// Tenants whose last change is remembered. Beyond it the older half is forgotten, and answers from before that count
/// as changed.
const MARKS: usize = 65_536;
const NEVER: i64 = i64::MIN / 4;

/// What a process knows of changes: one for all its caches. Cheap to clone.
///
/// # Guarantees
///
/// An answer whose look-up began before a change was told of is served to nobody who comes after. While the feed
/// speaks, an answer is as new as the feed's last word; when it does not, as new as its own look-up.
#[derive(Clone)]
pub struct Freshness {
    state: Arc<State>,
}

struct State {
    start: Instant,
    /// Counts the feed's words that told of a change.
    seq: AtomicU64,
    /// What was learnt before this one is not followed by the feed.
    floor: AtomicU64,
    /// When the feed was last asked and answered.
    confirmed: AtomicI64,
    /// Whether its last answer came.
    live: AtomicBool,
    marks: RwLock<Marks>,
    tickets: AtomicU64,
    fresh_for: i64,
    stale_for: i64,
}

/// Which change of a tenant was the last.
#[derive(Default)]
struct Marks {
    last: HashMap<TenantId, u64>,
    /// Any tenant may have changed up to this one.
    forgotten: u64,
}

/// How far an answer can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Confirmed within the bound: serve it.
    Fresh,
    /// Within the hard cap: serve it, and ask again.
    Stale,
    /// Ask first; if nobody answers, it is the last known.
    Unconfirmed,
    /// It is known to be wrong.
    Changed,
}

/// What is known of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) standing: Standing,
    /// How long ago it was last known to be true.
    pub(crate) age: Duration,
}

impl Freshness {
    pub(crate) fn new(options: &CacheOptions) -> Self {
        Self {
            state: Arc::new(State {
                start: Instant::now(),
                seq: AtomicU64::new(1),
                floor: AtomicU64::new(1),
                confirmed: AtomicI64::new(NEVER),
                live: AtomicBool::new(false),
                marks: RwLock::default(),
                tickets: AtomicU64::new(1),
                fresh_for: millis(options.fresh_for),
                stale_for: millis(options.stale_for),
            }),
        }
    }

    /// Milliseconds since this was made.
    pub(crate) fn now(&self) -> i64 {
        millis(self.state.start.elapsed())
    }

    pub(crate) fn begin(&self) -> Began {
        Began {
            seq: self.seq(),
            at: self.now(),
            ticket: self.state.tickets.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// For an answer of an earlier process: older than all of this one's, and followed by no feed.
    pub(crate) fn before(&self, age: Duration) -> Began {
        Began {
            seq: 0,
            at: self.now().saturating_sub(millis(age)),
            ticket: 0,
        }
    }

    pub(crate) fn seq(&self) -> u64 {
        self.state.seq.load(Ordering::Acquire)
    }

    /// The feed, asked at `asked`, told of these changes and of no others.
    pub(crate) fn confirm(&self, asked: i64, changed: &Changed) {
        let state = &self.state;
        {
            let mut marks = state.marks.write();
            let next = self.seq() + 1;
            match changed {
                Changed::Tenants(tenants) if tenants.is_empty() => {}
                Changed::Tenants(tenants) => {
                    marks.set(tenants, next);
                    state.seq.store(next, Ordering::Release);
                }
                Changed::Everything => {
                    state.floor.store(next, Ordering::Release);
                    state.seq.store(next, Ordering::Release);
                }
            }
        }
        // after the changes: who reads the new time sees them
        state.confirmed.fetch_max(asked, Ordering::AcqRel);
        state.live.store(true, Ordering::Release);
    }

    /// The feed did not answer: from now on each answer is only as new as it was.
    pub(crate) fn lose(&self) {
        self.state.live.store(false, Ordering::Release);
    }

    /// Whether the feed answered when it was last asked.
    pub(crate) fn is_live(&self) -> bool {
        self.state.live.load(Ordering::Acquire)
    }

    /// Whether nothing is known to have changed since `seq`: of `tenant`, or of anyone when it is not known whose the
    /// answer is.
    pub(crate) fn unchanged(&self, seq: u64, tenant: Option<TenantId>) -> bool {
        seq >= self.seq()
            || tenant.is_some_and(|tenant| {
                seq >= self.state.floor.load(Ordering::Acquire) && seq >= self.state.marks.read().of(tenant)
            })
    }

    /// What is known of an answer now. One look at the clock, and no lock while nothing changed.
    pub(crate) fn judge<V>(&self, entry: &Entry<V>) -> Known {
        let state = &self.state;
        // before the changes: see `confirm`
        let live = state.live.load(Ordering::Acquire);
        let confirmed = state.confirmed.load(Ordering::Acquire);
        let checked = self.check(entry);
        let followed = checked.is_some_and(|checked| checked >= state.floor.load(Ordering::Acquire));
        let now = self.now();
        let own = now.saturating_sub(entry.began.at);
        let by_feed = if followed {
            now.saturating_sub(confirmed)
        } else {
            i64::MAX
        };
        let standing = match followed {
            _ if checked.is_none() => Standing::Changed,
            true if own <= state.fresh_for || (live && by_feed <= state.fresh_for) => Standing::Fresh,
            true if own.min(by_feed) <= state.stale_for => Standing::Stale,
            _ => Standing::Unconfirmed,
        };
        let age = Duration::from_millis(u64::try_from(own.min(by_feed)).unwrap_or_default());
        Known { standing, age }
    }

    /// The last change that the answer is known to have outlived, or `None` when one made it wrong.
    fn check<V>(&self, entry: &Entry<V>) -> Option<u64> {
        let checked = entry.checked.load(Ordering::Acquire);
        if checked >= self.seq() {
            return Some(checked);
        }
        let marks = self.state.marks.read();
        if checked < marks.of(entry.tenant) {
            return None;
        }
        if checked < self.state.floor.load(Ordering::Acquire) {
            return Some(checked);
        }
        let seq = self.seq();
        entry.checked.fetch_max(seq, Ordering::AcqRel);
        Some(seq)
    }
}

impl Marks {
    fn of(&self, tenant: TenantId) -> u64 {
        self.last
            .get(&tenant)
            .copied()
            .unwrap_or_default()
            .max(self.forgotten)
    }

    fn set(&mut self, tenants: &[TenantId], seq: u64) {
        self.last.extend(tenants.iter().map(|tenant| (*tenant, seq)));
        if self.last.len() > MARKS {
            let mut seqs: Vec<u64> = self.last.values().copied().collect();
            let middle = seqs.len() / 2;
            self.forgotten = *seqs.select_nth_unstable(middle).1;
            let forgotten = self.forgotten;
            self.last.retain(|_, seq| *seq > forgotten);
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

impl fmt::Debug for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Freshness")
            .field("changes", &self.seq())
            .field("live", &self.state.live.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(freshness: &Freshness, tenant: TenantId) -> Entry<()> {
        Entry::new((), tenant, freshness.begin())
    }

    fn change(freshness: &Freshness, tenants: &[TenantId]) {
        freshness.confirm(freshness.now(), &Changed::Tenants(tenants.to_vec()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_ages_what_was_learnt_before_it_and_nothing_else() {
        let freshness = Freshness::new(&CacheOptions::default());
        freshness.confirm(0, &Changed::Everything);
        let (acme, globex) = (TenantId::new(), TenantId::new());
        let before = entry(&freshness, acme);
        let other = entry(&freshness, globex);
        change(&freshness, &[acme]);
        let after = entry(&freshness, acme);
        let standings = [&before, &other, &after].map(|entry| freshness.judge(entry).standing);
        assert_eq!(standings, [Standing::Changed, Standing::Fresh, Standing::Fresh]);
        change(&freshness, &[globex]);
        let standings = [&before, &other, &after].map(|entry| freshness.judge(entry).standing);
        assert_eq!(standings, [Standing::Changed, Standing::Changed, Standing::Fresh]);
        freshness.confirm(0, &Changed::Everything);
        assert_eq!(freshness.judge(&after).standing, Standing::Unconfirmed);
    }

    /// More tenants changed than are remembered: an answer from before is never taken for true.
    #[tokio::test(start_paused = true)]
    async fn what_is_forgotten_counts_as_changed() {
        let freshness = Freshness::new(&CacheOptions::default());
        freshness.confirm(0, &Changed::Everything);
        let first = TenantId::new();
        let (changed, idle) = (entry(&freshness, first), entry(&freshness, TenantId::new()));
        change(&freshness, &[first]);
        for _ in 0..1_000 {
            let many: Vec<TenantId> = (0..200).map(|_| TenantId::new()).collect();
            change(&freshness, &many);
            assert!(freshness.state.marks.read().last.len() <= MARKS);
            assert_eq!(freshness.judge(&changed).standing, Standing::Changed);
        }
        let new = entry(&freshness, first);
        assert_eq!(freshness.judge(&idle).standing, Standing::Changed);
        assert_eq!(freshness.judge(&new).standing, Standing::Fresh);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ages_from_when_it_was_last_confirmed() {
        let freshness = Freshness::new(&CacheOptions::default());
        freshness.confirm(0, &Changed::Everything);
        let entry = entry(&freshness, TenantId::new());
        let check = async |seconds: u64, feed: bool, expect: Standing| {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            match feed {
                true => change(&freshness, &[]),
                false => freshness.lose(),
            }
            assert_eq!(freshness.judge(&entry).standing, expect, "{seconds} {feed}");
        };
        check(2, false, Standing::Fresh).await;
        check(3, false, Standing::Stale).await;
        check(1, false, Standing::Unconfirmed).await;
        check(3_600, true, Standing::Fresh).await;
        check(0, false, Standing::Stale).await;
        check(5, false, Standing::Stale).await;
        check(1, false, Standing::Unconfirmed).await;
    }
}
