//! The tenant that a host names, without a proof.

use super::{HintSource, Hints, HostPolicy};
use crate::{IdentityTenant, TenantKey, TenantRecord, TenantSlug, TenantStatus};

/// The tenant that a request's host names, for routes that need no token: a sign-in page, say.
///
/// Nobody proved anything: it is no [`TenantContext`](crate::TenantContext), makes none, and opens no store. It tells what
/// the visitor's own address line says, and the user pool that a browser signs in to. Whether there is such a tenant is all
/// that a stranger learns; one that is suspended or being erased reads like one that never was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintedTenant {
    slug: TenantSlug,
    identity_tenant: IdentityTenant,
}

impl HintedTenant {
    /// What may be told of a tenant: nothing, unless its members could sign in.
    pub(crate) fn of(record: &TenantRecord) -> Option<Self> {
        match record.status {
            TenantStatus::Active | TenantStatus::Moving => Some(Self {
                slug: record.slug.clone(),
                identity_tenant: record.identity_tenant.clone(),
            }),
            TenantStatus::Provisioning | TenantStatus::Suspended | TenantStatus::Deleting => None,
        }
    }

    /// The tenant's name in hosts.
    #[must_use]
    pub fn slug(&self) -> &TenantSlug {
        &self.slug
    }

    /// The user pool to sign in to.
    #[must_use]
    pub fn identity_tenant(&self) -> &IdentityTenant {
        &self.identity_tenant
    }
}

impl Hints<'_> {
    /// The key of the tenant that the hosts name: every one of them the same, or none.
    pub(crate) fn key(&self, hosts: &HostPolicy) -> Option<TenantKey> {
        let all = self.all()?.iter();
        hosts.key(
            all.filter(|(source, _)| *source == HintSource::Host)
                .map(|(_, host)| *host),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_or_a_path_hints_at_nobody() {
        let hosts = HostPolicy::new("app.example.com", []);
        let named = Hints::default().header("acme").path("acme");
        assert_eq!(named.key(&hosts), None);
        let beside = Hints::default()
            .header("globex")
            .host("acme.app.example.com")
            .path("globex");
        assert_eq!(beside.key(&hosts), Some(TenantKey::Slug("acme".parse().unwrap())));
        let many = (0..9).fold(Hints::default(), |hints, _| hints.host("acme.app.example.com"));
        assert_eq!(many.key(&hosts), None);
    }
}
