//! Who was proven to ask: a user, a service or a platform operator.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    PermissionNames, TenantId, VerifiedIdentity, identity::ParseIdentityError, parsed_text::parsed_text,
};

parsed_text! {
    /// The name of a service: issuer and audience of service tokens. 1 to 63 characters of a-z, 0-9 and `-`.
    ServiceName, ParseIdentityError,
    |text| (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-') && !text.ends_with('-'),
    "a service's name",
    "1 to 63 characters of a-z, 0-9 and inner hyphens"
}
parsed_text! {
    /// The name of a platform operator, as the platform's own identity provider spells it: 1 to 128 bytes of visible ASCII.
    OperatorName, ParseIdentityError,
    |text| (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()),
    "an operator's name",
    "1 to 128 bytes of visible ASCII"
}
parsed_text! {
    /// Why an operator reaches into a tenant: 10 to 500 bytes without control characters, such as a ticket and a sentence.
    Reason, ParseIdentityError,
    |text| (10..=500).contains(&text.trim().len()) && !text.chars().any(char::is_control),
    "a reason",
    "10 to 500 bytes without control characters"
}

/// Who was proven to ask. The [`Resolver`](crate::Resolver) makes a context of it, or refuses.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Principal {
    /// A user, by the user's own token.
    User(VerifiedIdentity),
    /// A service, by its key: a call from another service, a job, or work that this service does by itself.
    Service(VerifiedService),
    /// A platform operator, by a grant with a reason and an end.
    Operator(OperatorGrant),
}

impl From<VerifiedIdentity> for Principal {
    fn from(identity: VerifiedIdentity) -> Self {
        Self::User(identity)
    }
}

/// A service whose token or envelope was verified: signature, issuer, audience, tenant, times.
///
/// Made by `tenancy-auth` only. The key was bound to the tenants it may speak for; the user, when there is one, was proven
/// by that user's own token.
#[derive(Clone, Debug)]
pub struct VerifiedService {
    pub(crate) name: ServiceName,
    pub(crate) tenant: TenantId,
    pub(crate) permissions: Arc<PermissionNames>,
    pub(crate) user: Option<VerifiedIdentity>,
    pub(crate) expires_at: Timestamp,
}

impl VerifiedService {
    /// The service.
    #[must_use]
    pub fn name(&self) -> &ServiceName {
        &self.name
    }

    /// The tenant it speaks for.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The user in whose name it acts.
    #[must_use]
    pub fn user(&self) -> Option<&VerifiedIdentity> {
        self.user.as_ref()
    }

    /// When the proof ends.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// This service in its own name: what starts work that no request asked for, such as a [`FanOut`](crate::FanOut).
///
/// Made by `tenancy-auth` only, of the service's own key; what it may do is the deployment's configuration.
#[derive(Clone, Debug)]
pub struct OwnService {
    pub(crate) name: ServiceName,
    pub(crate) permissions: Arc<PermissionNames>,
}

impl OwnService {
    /// The service.
    #[must_use]
    pub fn name(&self) -> &ServiceName {
        &self.name
    }

    /// The service within one tenant. The [`Resolver`](crate::Resolver) still refuses a tenant that is not active, or not this
    /// deployment's.
    #[must_use]
    pub fn within(&self, tenant: TenantId) -> Principal {
        Principal::Service(VerifiedService {
            name: self.name.clone(),
            tenant,
            permissions: Arc::clone(&self.permissions),
            user: None,
            // the process itself: nothing was sent that could expire
            expires_at: Timestamp::MAX,
        })
    }
}

/// How far an operator's grant goes. Never to what is the owner's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperatorAccess {
    /// Looks at all data, changes nothing.
    Read,
    /// What an admin may do.
    Write,
}

/// Leave for a platform operator to act within one tenant, with a reason and an end. Made by `tenancy-auth` only.
#[derive(Clone, Debug)]
pub struct OperatorGrant {
    pub(crate) operator: OperatorName,
    pub(crate) tenant: TenantId,
    pub(crate) reason: Reason,
    pub(crate) access: OperatorAccess,
    pub(crate) expires_at: Timestamp,
}

impl OperatorGrant {
    /// The operator.
    #[must_use]
    pub fn operator(&self) -> &OperatorName {
        &self.operator
    }

    /// The one tenant.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// When the grant ends.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
