//! Memberships from the registry.

use async_trait::async_trait;
use tenancy_core::{Membership, MembershipKey, Memberships, Result, registry::RegistryClient};

/// Memberships as the registry has them (`user_tenants`). A pinned deployment's client answers for its own tenant only.
///
/// # Cost
///
/// One round trip a call, at most two seconds: put [`CachedMemberships`](tenancy_core::CachedMemberships) before it.
#[derive(Clone, Debug)]
pub struct PgMemberships {
    registry: RegistryClient,
}

impl PgMemberships {
    /// Memberships over a client of the registry.
    #[must_use]
    pub fn new(registry: RegistryClient) -> Self {
        Self { registry }
    }
}

#[async_trait]
impl Memberships for PgMemberships {
    async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        self.registry.membership(key).await
    }
}
