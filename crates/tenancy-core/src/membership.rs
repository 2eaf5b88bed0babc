//! Who is a member of which tenant, and as what.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;

use crate::{
    IdentityTenant, Invalidator, MemberRole, Result, Role, Subject, TenantId, UserId, fresh::FreshCache,
};

/// A user's place in a tenant: a row of `user_tenants`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The user.
    pub user: UserId,
    /// What the user is in the tenant.
    pub role: MemberRole,
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

    /// The membership, when that is known without waiting and as fresh as [`membership`](Self::membership)'s answer would be. It
    /// boxes no future: the resolver asks here first.
    fn cached(&self, key: &MembershipKey) -> Option<Membership> {
        let _ = key;
        None
    }
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

    fn cached(&self, key: &MembershipKey) -> Option<Membership> {
        self.cache.peek(key).flatten()
    }
}

/// A member that configuration names.
#[derive(Clone, Debug)]
pub struct StaticMember {
    /// The tenant.
    pub tenant: TenantId,
    /// The tenant's user pool.
    pub pool: IdentityTenant,
    /// The user's id in that pool.
    pub subject: Subject,
    /// The user.
    pub user: UserId,
    /// What the user is in the tenant.
    pub role: Role,
}

/// Memberships from configuration: for pinned deployments that run without the registry.
#[derive(Debug, Default)]
pub struct StaticMemberships {
    members: HashMap<MembershipKey, Membership>,
}

impl StaticMemberships {
    /// Memberships of these users. A user named twice in a tenant has the last role.
    #[must_use]
    pub fn new(members: impl IntoIterator<Item = StaticMember>) -> Self {
        let entry = |StaticMember {
                         tenant,
                         pool,
                         subject,
                         user,
                         role,
                     }| {
            (
                MembershipKey {
                    tenant,
                    pool,
                    subject,
                },
                Membership {
                    user,
                    role: role.into(),
                },
            )
        };
        Self {
            members: members.into_iter().map(entry).collect(),
        }
    }
}

#[async_trait]
impl Memberships for StaticMemberships {
    async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        Ok(self.cached(key))
    }

    fn cached(&self, key: &MembershipKey) -> Option<Membership> {
        self.members.get(key).cloned()
    }
}
