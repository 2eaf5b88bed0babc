//! A directory that keeps answers.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Directory, Records, TenantKey};
use crate::{CacheOptions, Freshness, Result, TenantRecord, fresh::Cache};

/// Keeps another directory's answers, for as long as they are true.
///
/// # Guarantees
///
/// - One look-up however many wait; who stops waiting harms nobody.
/// - While a [`ChangeFollower`](super::ChangeFollower) follows the source's changes, an answer serves until one is told
///   of. Without it, answers are at most five seconds old.
/// - Nobody who comes after a change was told of is served by a look-up that began before.
/// - A record never gives way to one with a smaller placement epoch; but where that one shuts the tenant out, it is shut out.
/// - When the source does not answer, known tenants go on up to the [caps](crate::StaleCaps) of their tiers.
/// - Memory is bounded: see [`CacheOptions`].
///
/// # Cost
///
/// A hit is a look at the clock and at one table: no allocation, no waiting, one shared lock of 64.
pub struct CachedDirectory {
    pub(crate) cache: Arc<Cache<Records>>,
    pub(crate) options: CacheOptions,
}

impl CachedDirectory {
    /// Keeps the answers of `inner`, within the default bounds.
    #[must_use]
    pub fn new(inner: Arc<dyn Directory>) -> Self {
        Self::with_options(inner, CacheOptions::default())
    }

    /// The same, within other bounds.
    #[must_use]
    pub fn with_options(inner: Arc<dyn Directory>, options: CacheOptions) -> Self {
        let records = Records::new(inner, options.tenants, options.caps);
        Self {
            cache: Cache::new(records, Freshness::new(&options), &options),
            options,
        }
    }

    /// What has to hear of changes: one for this directory and the memberships beside it.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        self.cache.freshness().clone()
    }

    /// How many tenants are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cache.shelf.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[async_trait]
impl Directory for CachedDirectory {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        self.cache.get(key).await
    }

    fn at_hand(&self, key: &TenantKey) -> Option<Arc<TenantRecord>> {
        self.cache.fresh(key)
    }
}
