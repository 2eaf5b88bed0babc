//! What a run over all tenants did.

use std::collections::{BTreeMap, HashMap};

use super::Checkpoint;
use crate::{Error, TenantId, TenantStatus};

/// What a run over all tenants did.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FanOutReport {
    /// How far it came: all the way, unless [`stopped`](Self::stopped) says why not.
    pub checkpoint: Checkpoint,
    /// For how many tenants the work was done.
    pub done: u64,
    /// For which it failed, and why: for the log.
    pub failed: BTreeMap<TenantId, String>,
    /// How many were passed over because they are not active, by status.
    pub skipped: HashMap<TenantStatus, u64>,
    /// Why it ended before the last tenant: the list could not be had, or too many failed.
    pub stopped: Option<Error>,
}

impl FanOutReport {
    /// Whether every tenant was taken and none failed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.stopped.is_none() && self.failed.is_empty()
    }

    pub(super) fn skip(&mut self, status: TenantStatus) {
        let count = self.skipped.entry(status).or_default();
        *count = count.saturating_add(1);
    }
}
