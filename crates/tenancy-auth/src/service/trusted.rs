//! Which services are trusted, and how far.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tenancy_core::{PermissionNames, ServiceName, TenantId};

use super::ServiceKeys;
use crate::token::Refusal;

/// A service whose proofs are taken, and how far.
#[derive(Clone, Debug)]
pub struct TrustedService {
    /// Its name.
    pub issuer: ServiceName,
    /// Its public keys. No other service's proof is verified with them.
    pub keys: ServiceKeys,
    /// The tenants that it may speak for.
    pub tenants: ServiceTenants,
    /// The services that it may call. A verifier that is not among them refuses it, so that all can be given one list.
    pub audiences: BTreeSet<ServiceName>,
    /// What it may do in its own name, without a user: nothing by default.
    pub permissions: PermissionNames,
}

/// The tenants that a service may speak for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceTenants {
    /// Every tenant: a service of the shared tier.
    All,
    /// These: a service of a pinned deployment has one.
    Only(BTreeSet<TenantId>),
}

/// Trusted services that can't be told apart.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// Two entries of one name.
    #[error("the service `{0}` is listed twice")]
    Twice(ServiceName),
    /// One key speaks for two.
    #[error("the services `{0}` and `{1}` have a key in common: each needs keys of its own")]
    SharedKey(ServiceName, ServiceName),
}

/// The services that one of us trusts.
#[derive(Debug)]
pub(crate) struct Trust {
    own: ServiceName,
    services: BTreeMap<ServiceName, Trusted>,
}

#[derive(Debug)]
pub(crate) struct Trusted {
    pub(crate) keys: ServiceKeys,
    pub(crate) permissions: Arc<PermissionNames>,
    tenants: ServiceTenants,
    may_call: bool,
}

impl Trust {
    pub(crate) fn new(
        own: ServiceName,
        list: impl IntoIterator<Item = TrustedService>,
    ) -> Result<Self, TrustError> {
        let mut services: BTreeMap<ServiceName, Trusted> = BTreeMap::new();
        for service in list {
            let shares = services
                .iter()
                .find(|(_, known)| known.keys.overlap(&service.keys));
            if services.contains_key(&service.issuer) {
                return Err(TrustError::Twice(service.issuer));
            }
            if let Some((other, _)) = shares {
                return Err(TrustError::SharedKey(other.clone(), service.issuer));
            }
            let trusted = Trusted {
                keys: service.keys,
                permissions: Arc::new(service.permissions),
                tenants: service.tenants,
                may_call: service.audiences.contains(&own),
            };
            services.insert(service.issuer, trusted);
        }
        Ok(Self { own, services })
    }

    /// The service that says it is `issuer`, when it may call us for that tenant. Its signature is still to be verified.
    pub(crate) fn admit(
        &self,
        issuer: &ServiceName,
        audience: &ServiceName,
        tenant: TenantId,
    ) -> Result<&Trusted, Refusal> {
        let trusted = self.services.get(issuer);
        let trusted = trusted.ok_or(Refusal::claim("iss", "is no trusted service"))?;
        if *audience != self.own {
            return Err(Refusal::claim("aud", "is another"));
        }
        if !trusted.may_call {
            return Err(Refusal::claim("aud", "is none that the service may call"));
        }
        match &trusted.tenants {
            ServiceTenants::Only(tenants) if !tenants.contains(&tenant) => {
                Err(Refusal::claim("tenant", "is none that the service may speak for"))
            }
            _ => Ok(trusted),
        }
    }
}
