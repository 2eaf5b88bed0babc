//! What is done before metrics are exported.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// What has something to do before metrics are exported: hand on what it counted by itself, or show that the series that it
/// holds are in use.
pub trait Published: Send + Sync + 'static {
    /// Does it. No waiting: whoever exports waits for it.
    fn publish(&self);
}

/// Everything that [`publish`] asks; as much as there are caches and limits.
static ALL: Mutex<Vec<Weak<dyn Published>>> = Mutex::new(Vec::new());

/// Has [`publish`] ask `one`, for as long as it lives.
pub fn at_publish<P: Published>(one: &Arc<P>) {
    let weak: Weak<P> = Arc::downgrade(one);
    let mut all = ALL.lock();
    all.retain(|one| one.strong_count() > 0);
    all.push(weak);
}

/// Hands what was counted to the metrics' recorder. The `/metrics` route of `tenancy` does so before it answers; who exports
/// metrics another way calls it at each export.
pub fn publish() {
    let all: Vec<_> = ALL.lock().iter().filter_map(Weak::upgrade).collect();
    all.iter().for_each(|one| one.publish());
}
