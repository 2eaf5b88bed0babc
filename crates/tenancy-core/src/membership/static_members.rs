//! Memberships from configuration.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{Membership, MembershipKey, Memberships};
use crate::{IdentityTenant, MemberRole, Result, Subject, TenantId, UserId};

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
    pub role: MemberRole,
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
                Membership { user, role },
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
        Ok(self.members.get(key).cloned())
    }
}
