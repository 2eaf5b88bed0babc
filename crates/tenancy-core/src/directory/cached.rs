//! A directory that asks once for many.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Directory, TenantKey};
use crate::{Invalidator, Result, TenantRecord, fresh::FreshCache};

/// Keeps another directory's answers: one look-up however many requests wait, at once aged by an announced change,
/// and never older than a second. Bounded to 10,000 answers, "there is none" included.
pub struct CachedDirectory {
    inner: Arc<dyn Directory>,
    cache: FreshCache<TenantKey, Option<Arc<TenantRecord>>>,
}

impl CachedDirectory {
    /// Caches `inner`; `invalidator` announces changes.
    #[must_use]
    pub fn new(inner: Arc<dyn Directory>, invalidator: &Invalidator) -> Self {
        Self {
            inner,
            cache: FreshCache::new(invalidator),
        }
    }
}

#[async_trait]
impl Directory for CachedDirectory {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        self.cache.get(key, || self.inner.lookup(key)).await
    }

    fn cached(&self, key: &TenantKey) -> Option<Arc<TenantRecord>> {
        self.cache.peek(key).flatten()
    }
}
