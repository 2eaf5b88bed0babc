//! Which tenants have a label of their own in metrics.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use foldhash::fast::RandomState;
use parking_lot::{Mutex, RwLock};

use super::{OTHER_TENANTS, heavy_hitters::HeavyHitters};
use crate::TenantId;

/// A tenant as the label of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TenantLabel {
    /// No tenant is known: the request was refused before.
    None,
    /// One of those with a label of their own.
    Own(TenantId),
    /// Any other.
    Other,
}

impl TenantLabel {
    /// The label's value: nothing, the tenant's id, or `other`.
    #[must_use]
    pub fn value(self) -> metrics::SharedString {
        match self {
            Self::None => metrics::SharedString::const_str(""),
            Self::Own(tenant) => tenant.to_string().into(),
            Self::Other => metrics::SharedString::const_str(OTHER_TENANTS),
        }
    }
}

/// Gives a label of their own to the tenants with the most requests, and `other` to the rest.
///
/// # Flow
///
/// The first `most` tenants that come get one. At the end of each window, a tenant without one that made more requests in it
/// than the least of those with one, by a quarter at least, takes that one's place; among equals the lower id comes first. Who
/// loses its label is counted with the others from then on.
///
/// # Guarantees
///
/// At most `most` labels and `other` at any time, however many tenants there are. A tenant without a label is seen when it made
/// more than one in twenty times `most` (or one in a thousand) of the requests of those without one. Memory is bounded.
///
/// # Caveats
///
/// A series of a label that was lost lives in the exporter until its idle timeout: where that is no longer than a window,
/// there are at most twice `most` and one. The order of requests is all that decides: the same requests give the same labels.
#[derive(Debug)]
pub struct TenantLabels {
    most: usize,
    window: Duration,
    begun: Instant,
    /// When the window ends, in milliseconds since `begun`.
    ends: AtomicU64,
    /// No client chooses a tenant's id: a fast hash serves.
    own: RwLock<HashMap<TenantId, AtomicU64, RandomState>>,
    others: Mutex<HeavyHitters<TenantId>>,
}

impl TenantLabels {
    /// As many labels as a small dashboard bears.
    pub const MOST: usize = 50;
    /// How long tenants are compared.
    pub const WINDOW: Duration = Duration::from_secs(600);

    /// Labels for at most so many tenants, compared over windows of that length from `now`.
    #[must_use]
    pub fn new(most: usize, window: Duration, now: Instant) -> Self {
        Self {
            most,
            window,
            begun: now,
            ends: AtomicU64::new(millis(window)),
            own: RwLock::default(),
            others: Mutex::new(HeavyHitters::new(most.saturating_mul(20).max(1_000))),
        }
    }

    /// Counts a request of `tenant`, and gives the label that it has.
    pub fn count(&self, tenant: TenantId, now: Instant) -> TenantLabel {
        if millis(now.saturating_duration_since(self.begun)) >= self.ends.load(Relaxed) {
            self.compare(now);
        }
        let own = self.own.read();
        if let Some(count) = own.get(&tenant) {
            count.fetch_add(1, Relaxed);
            return TenantLabel::Own(tenant);
        }
        let full = own.len() >= self.most;
        drop(own);
        if !full && self.give(tenant) {
            return TenantLabel::Own(tenant);
        }
        self.others.lock().count(tenant);
        TenantLabel::Other
    }

    /// The tenants that have a label now, in the order of their ids.
    #[must_use]
    pub fn own(&self) -> Vec<TenantId> {
        let mut own: Vec<_> = self.own.read().keys().copied().collect();
        own.sort_unstable();
        own
    }

    /// A free place, while there is one.
    fn give(&self, tenant: TenantId) -> bool {
        let mut own = self.own.write();
        let there = own.len() < self.most || own.contains_key(&tenant);
        if there {
            own.entry(tenant).or_default().fetch_add(1, Relaxed);
        }
        there
    }

    fn compare(&self, now: Instant) {
        let mut own = self.own.write();
        let now = millis(now.saturating_duration_since(self.begun));
        if now < self.ends.load(Relaxed) {
            return;
        }
        self.ends.store(now.saturating_add(millis(self.window)), Relaxed);
        let mut least: Vec<(TenantId, u64)> =
            own.iter().map(|(id, count)| (*id, count.load(Relaxed))).collect();
        // among equals the higher id goes first
        least.sort_by(|(a, left), (b, right)| left.cmp(right).then(b.cmp(a)));
        let most = self.others.lock().drain();
        for ((loser, had), (winner, has)) in least.into_iter().zip(most) {
            if has <= had.saturating_add(had / 4) {
                break;
            }
            own.remove(&loser);
            own.insert(winner, AtomicU64::new(0));
        }
        own.values().for_each(|count| count.store(0, Relaxed));
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn ids(count: usize) -> Vec<TenantId> {
        (0..count)
            .map(|n| format!("01900000-0000-7000-8000-{n:012x}").parse().unwrap())
            .collect()
    }

    #[test]
    fn a_hundred_thousand_tenants_have_fifty_labels_and_they_are_the_busiest() {
        let (tenants, now) = (ids(100_000), Instant::now());
        let labels = TenantLabels::new(50, MINUTE, now);
        let busy: HashSet<TenantId> = tenants.iter().skip(50_000).take(50).copied().collect();
        for window in 0..3 {
            let now = now + MINUTE * window;
            for (n, tenant) in tenants.iter().enumerate() {
                labels.count(*tenant, now);
                // the fifty make a third of all requests
                labels.count(tenants[50_000 + n % 50], now);
                assert!(n % 1_000 != 0 || labels.own().len() <= 50);
            }
        }
        labels.count(tenants[0], now + MINUTE * 3);
        assert_eq!(labels.own().into_iter().collect::<HashSet<_>>(), busy);
        assert_eq!(labels.count(tenants[1], now + MINUTE * 3), TenantLabel::Other);
        assert_eq!(
            labels.count(tenants[50_001], now + MINUTE * 3),
            TenantLabel::Own(tenants[50_001])
        );
    }

    /// Requests of four tenants in one window for two labels, the first two having them; who has them in the next.
    fn check(requests: [usize; 4], expect: [usize; 2]) {
        let (tenants, now) = (ids(4), Instant::now());
        let labels = TenantLabels::new(2, MINUTE, now);
        for (tenant, count) in tenants.iter().zip(requests) {
            (0..count).for_each(|_| {
                labels.count(*tenant, now);
            });
        }
        labels.compare(now + MINUTE);
        assert_eq!(labels.own(), expect.map(|n| tenants[n]), "{requests:?}");
    }

    #[test]
    fn a_label_changes_hands_when_another_tenant_is_a_quarter_busier() {
        check([8, 8, 10, 0], [0, 1]);
        check([8, 8, 11, 0], [0, 2]);
        check([8, 7, 11, 9], [0, 2]);
        check([4, 4, 11, 11], [2, 3]);
        check([1, 9, 2, 1], [1, 2]);
    }

    #[test]
    fn a_window_ends_with_the_first_request_after_it() {
        let (tenants, now) = (ids(2), Instant::now());
        let labels = TenantLabels::new(1, MINUTE, now);
        labels.count(tenants[0], now);
        (0..9).for_each(|_| {
            labels.count(tenants[1], now);
        });
        assert_eq!(labels.count(tenants[1], now + MINUTE / 2), TenantLabel::Other);
        assert_eq!(
            labels.count(tenants[1], now + MINUTE),
            TenantLabel::Own(tenants[1])
        );
        assert_eq!(labels.own(), [tenants[1]]);
    }
}
