//! What a directory knows of a tenant.

use serde::{Deserialize, Serialize};

use crate::{CustomPlan, IdentityTenant, Placement, TenantId, TenantSlug, TenantStatus, Tier};

/// What a directory knows of a tenant: an answer, not a proof. It opens no store; the
/// [`Resolver`](crate::Resolver) alone makes a context of it, and only with a verified identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantRecord {
    /// The tenant.
    pub id: TenantId,
    /// Its name in hosts and resources.
    pub slug: TenantSlug,
    /// Its name for people.
    pub name: String,
    /// How isolated it is.
    pub tier: Tier,
    /// Where it is in its life.
    pub status: TenantStatus,
    /// Its user pool at the identity provider.
    pub identity_tenant: IdentityTenant,
    /// Its own, verified domain, lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_host: Option<String>,
    /// What differs from its tier's plan, when anything does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<CustomPlan>,
    /// Where its stores are.
    pub placement: Placement,
}
