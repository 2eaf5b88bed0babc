//! Memberships that are kept.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Membership, MembershipKey, Memberships, shelf::Members};
use crate::{Result, directory::CachedDirectory, fresh::Cache};

/// Keeps other memberships' answers for as long as they are true: as [`CachedDirectory`] does for tenants, beside which
/// it stands. A change of a tenant's members ages the memberships of that tenant and no others.
pub struct CachedMemberships {
    pub(crate) cache: Arc<Cache<Members>>,
}

impl CachedMemberships {
    /// Keeps the answers of `inner`. What `directory` hears of changes holds here too, and so do its options and, in an
    /// outage, the caps by tier of the tenants that it knows.
    #[must_use]
    pub fn new(inner: Arc<dyn Memberships>, directory: &CachedDirectory) -> Self {
        let members = Members::new(inner, Arc::clone(&directory.cache), directory.options.members);
        Self {
            cache: Cache::new(members, directory.freshness(), &directory.options),
        }
    }

    /// How many memberships are kept.
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
impl Memberships for CachedMemberships {
    async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        let member = self.cache.get(key).await?;
        Ok(member.map(|member| member.membership.clone()))
    }

    fn at_hand(&self, key: &MembershipKey) -> Option<Membership> {
        self.cache.fresh(key).map(|member| member.membership.clone())
    }
}
