//! Who is a member of which tenant, and as what.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{IdentityTenant, Invalidator, Result, Role, Subject, TenantId, UserId, fresh::FreshCache};

/// A user's place in a tenant: a row of `user_tenants`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The user.
    pub user: UserId,
    /// What the user is in the tenant.
    pub role: Role,
}

/// What a membership is looked up by. Every part is in the key: a cache that left one out would mix tenants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MembershipKey {
    /// The tenant.
    pub tenant: TenantId,
    /// The user pool that the token came from.
    pub pool: IdentityTenant,
    /// The user's id in that pool.
    pub subject: Subject,
}

/// Answers what a user is in a tenant.
#[async_trait]
pub trait Memberships: Send + Sync + 'static {
    /// The membership, or `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when the answer can't be had; never a guess.
    async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>>;
}

/// Memberships, kept for a second at most and asked for once however many requests wait.
pub struct CachedMemberships {
    inner: Arc<dyn Memberships>,
    cache: FreshCache<MembershipKey, Option<Membership>>,
}

impl CachedMemberships {
    /// Caches `inner`. A change is seen at once when `invalidator` is told, and within a second else.
    #[must_use]
    pub fn new(inner: Arc<dyn Memberships>, invalidator: &Invalidator) -> Self {
        Self {
            inner,
            cache: FreshCache::new(invalidator),
        }
    }
}

#[async_trait]
impl Memberships for CachedMemberships {
    async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        self.cache.get(key, || self.inner.membership(key)).await
    }
}
