//! A directory that answers for one tenant only.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Directory, TenantKey};
use crate::{Result, TenantId, TenantRecord};

/// Answers for one tenant and no other, whatever the directory behind it knows.
pub struct PinnedDirectory {
    inner: Arc<dyn Directory>,
    pin: TenantId,
}

impl PinnedDirectory {
    /// Narrows `inner` to the tenant `pin`.
    #[must_use]
    pub fn new(inner: Arc<dyn Directory>, pin: TenantId) -> Self {
        Self { inner, pin }
    }

    #[cfg(feature = "work")]
    pub(crate) fn pin(&self) -> TenantId {
        self.pin
    }
}

#[async_trait]
impl Directory for PinnedDirectory {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        let record = self.inner.lookup(key).await?;
        Ok(record.filter(|record| record.id == self.pin))
    }

    fn at_hand(&self, key: &TenantKey) -> Option<Arc<TenantRecord>> {
        self.inner.at_hand(key).filter(|record| record.id == self.pin)
    }
}
