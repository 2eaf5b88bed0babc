//! What a tenant is looked up by.

use crate::{IdentityTenant, TenantId, TenantRecord, TenantSlug};

/// What a tenant is looked up by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TenantKey {
    /// By its id.
    Id(TenantId),
    /// By its slug.
    Slug(TenantSlug),
    /// By its user pool: what a verified token names.
    Identity(IdentityTenant),
    /// By its own, verified domain; lower case.
    Host(String),
}

impl TenantKey {
    /// Whether anybody may name it: a host and a slug stand in requests that prove nothing.
    #[cfg(feature = "cache")]
    pub(crate) fn is_hint(&self) -> bool {
        matches!(self, Self::Slug(_) | Self::Host(_))
    }

    /// Whether `record` is the tenant that the key names.
    #[must_use]
    pub fn names(&self, record: &TenantRecord) -> bool {
        match self {
            Self::Id(id) => record.id == *id,
            Self::Slug(slug) => record.slug == *slug,
            Self::Identity(pool) => record.identity_tenant == *pool,
            Self::Host(host) => record.custom_host.as_ref() == Some(host),
        }
    }
}

impl TenantRecord {
    /// What the tenant is found by.
    pub(crate) fn keys(&self) -> impl Iterator<Item = TenantKey> + use<> {
        [
            Some(TenantKey::Id(self.id)),
            Some(TenantKey::Slug(self.slug.clone())),
            Some(TenantKey::Identity(self.identity_tenant.clone())),
            self.custom_host.clone().map(TenantKey::Host),
        ]
        .into_iter()
        .flatten()
    }
}
