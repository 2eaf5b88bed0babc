//! How far a run over all tenants came.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::TenantId;

/// How far a run over all tenants came: every tenant up to an id was taken, and some of them failed.
///
/// Small enough to be written after each step, as JSON or in a row; a later run goes on from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    pub(super) after: Option<TenantId>,
    pub(super) failed: BTreeSet<TenantId>,
}

impl Checkpoint {
    /// Before the first tenant.
    #[must_use]
    pub fn start() -> Self {
        Self::default()
    }

    /// The last tenant that was taken, with all before it. Those that ran beside it and ended sooner than one before them
    /// are taken again.
    #[must_use]
    pub fn after(&self) -> Option<TenantId> {
        self.after
    }

    /// The tenants that were taken and failed: a later run begins with them.
    #[must_use]
    pub fn failed(&self) -> &BTreeSet<TenantId> {
        &self.failed
    }
}
