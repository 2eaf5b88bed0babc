//! What a permit was used for, until a store writes it down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{AuditEvent, Target};
use crate::{Decision, TenantContext};

/// How many targets of one permit are written down; of more, their number is.
const MOST: usize = 100;

/// What a permit was used for: the records that a store writes in the transaction that the permit opens. Every clone is the
/// same trail.
#[derive(Clone)]
pub struct Trail {
    inner: Arc<Inner>,
}

struct Inner {
    context: TenantContext,
    action: &'static str,
    grant: Entry,
    entries: Mutex<Entries>,
}

#[derive(Clone)]
struct Entry {
    at: Timestamp,
    target: Option<Target>,
    decision: Decision,
}

#[derive(Clone, Default)]
struct Entries {
    listed: Vec<Entry>,
    more: usize,
}

impl Trail {
    pub(crate) fn new(context: &TenantContext, action: &'static str, decision: Decision) -> Self {
        let at = Timestamp::now();
        let inner = Inner {
            context: context.clone(),
            action,
            grant: Entry {
                at,
                target: None,
                decision,
            },
            entries: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The permit was used on `target`.
    pub(crate) fn note(&self, target: Option<&Target>, decision: Decision) {
        let mut entries = self.entries();
        let Entries { listed, more } = &mut *entries;
        let at = Timestamp::now();
        if let Some(entry) = listed.iter_mut().find(|entry| entry.target.as_ref() == target) {
            (entry.at, entry.decision) = (at, decision);
        } else if listed.len() < MOST {
            let target = target.cloned();
            listed.push(Entry { at, target, decision });
        } else {
            *more += 1;
        }
    }

    /// A transaction begins in which the trail is written down.
    pub fn begin(&self) -> Recording {
        Recording {
            trail: self.clone(),
            before: Some(self.entries().clone()),
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // whoever panicked left a list that is whole
        self.inner.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn event(&self, entry: &Entry) -> AuditEvent {
        let Inner { context, action, .. } = &*self.inner;
        AuditEvent {
            at: entry.at,
            tenant: context.tenant_id(),
            actor: context.actor().clone(),
            request: context.request_id(),
            action,
            target: entry.target.clone(),
            decision: entry.decision,
        }
    }
}

/// One transaction's hold on a trail. Dropped without [`committed`](Self::committed), what was noted since it began is
/// forgotten: it was rolled back.
///
/// Two transactions at a time under one permit share its trail: what was noted goes with the one that commits first.
#[must_use = "dropping it forgets what was noted"]
pub struct Recording {
    trail: Trail,
    before: Option<Entries>,
}

impl Recording {
    /// What is to be written: an event for each target that the permit was used on, one without a target when none was
    /// named. Never empty.
    #[must_use]
    pub fn events(&self) -> Vec<AuditEvent> {
        let entries = self.trail.entries();
        let inner = &self.trail.inner;
        let mut events: Vec<AuditEvent> = entries.listed.iter().map(|e| self.trail.event(e)).collect();
        if entries.more > 0 {
            let target = Some(Target::new("more", entries.more));
            let entry = Entry {
                target,
                ..inner.grant.clone()
            };
            events.push(self.trail.event(&entry));
        }
        if events.is_empty() {
            events.push(self.trail.event(&inner.grant));
        }
        events
    }

    /// The transaction is committed: what it wrote is not written again.
    pub fn committed(mut self) {
        self.before = None;
        *self.trail.entries() = Entries::default();
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            *self.trail.entries() = before;
        }
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recording")
    }
}

#[cfg(test)]
#[path = "trail_tests.rs"]
mod tests;
