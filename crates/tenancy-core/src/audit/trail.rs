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

#[derive(Clone, PartialEq)]
struct Entry {
    at: Timestamp,
    target: Option<Target>,
    decision: Decision,
}

#[derive(Default)]
struct Entries {
    noted: Noted,
    /// Transactions that are under way.
    open: usize,
    /// Whether two were at a time since the last moment without any.
    shared: bool,
}

#[derive(Clone, Default)]
struct Noted {
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
        let Noted { listed, more } = &mut entries.noted;
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
        let mut entries = self.entries();
        entries.open += 1;
        entries.shared |= entries.open > 1;
        let before = entries.noted.clone();
        drop(entries);
        Recording {
            trail: self.clone(),
            before: Some(before),
            written: None,
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
/// Two transactions at a time under one permit share its trail: what was noted goes with the one that commits first, and
/// nothing is forgotten, since nobody knows whose it was.
#[must_use = "dropping it forgets what was noted"]
pub struct Recording {
    trail: Trail,
    before: Option<Noted>,
    /// What was last given out to be written.
    written: Option<Noted>,
}

impl Recording {
    /// What is to be written: an event for each target that the permit was used on, one without a target when none was
    /// named. Never empty.
    #[must_use]
    pub fn events(&mut self) -> Vec<AuditEvent> {
        let noted = self.trail.entries().noted.clone();
        let inner = &self.trail.inner;
        let mut events: Vec<AuditEvent> = noted.listed.iter().map(|e| self.trail.event(e)).collect();
        if noted.more > 0 {
            let target = Some(Target::new("more", noted.more));
            let entry = Entry {
                target,
                ..inner.grant.clone()
            };
            events.push(self.trail.event(&entry));
        }
        if events.is_empty() {
            events.push(self.trail.event(&inner.grant));
        }
        self.written = Some(noted);
        events
    }

    /// The transaction is committed: what it wrote is not written again. What was noted since stays.
    pub fn committed(mut self) {
        let written = self.written.take().unwrap_or_default();
        self.before = None;
        let mut entries = self.trail.entries();
        let Noted { listed, more } = &mut entries.noted;
        listed.retain(|entry| !written.listed.contains(entry));
        *more = more.saturating_sub(written.more);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let mut entries = self.trail.entries();
        entries.open = entries.open.saturating_sub(1);
        if let Some(before) = self.before.take().filter(|_| !entries.shared) {
            entries.noted = before;
        }
        entries.shared &= entries.open > 0;
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
