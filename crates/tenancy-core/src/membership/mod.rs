//! Who is a member of which tenant, and as what.

#[cfg(feature = "cache")]
mod cached;
#[cfg(feature = "cache")]
mod shelf;
mod static_members;

use async_trait::async_trait;

#[cfg(feature = "cache")]
pub use self::cached::CachedMemberships;
#[cfg(feature = "cache")]
pub(crate) use self::shelf::Member;
pub use self::static_members::{StaticMember, StaticMemberships};

use crate::{IdentityTenant, MemberRole, Result, Subject, TenantId, UserId};

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

    /// The same, when the answer is at hand and as good as [`membership`](Self::membership)'s: without waiting. `None`
    /// says nothing: ask [`membership`](Self::membership).
    fn at_hand(&self, _key: &MembershipKey) -> Option<Membership> {
        None
    }
}
