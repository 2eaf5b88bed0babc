//! What another crate may swear to. Hidden, and banned by `clippy.toml` outside of `tenancy-auth` and the testkit.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    IdentityTenant, OperatorAccess, OperatorGrant, OperatorName, OwnService, PermissionNames, Reason,
    ServiceName, Subject, TenantContext, TenantId, VerifiedIdentity, VerifiedService,
};

/// The caller swears that a token was verified in full (signature by a trusted key, issuer, audience, times) and
/// that the token itself names this subject and this identity tenant.
#[must_use]
pub fn token_verified(subject: Subject, tenant: IdentityTenant, expires_at: Timestamp) -> VerifiedIdentity {
    VerifiedIdentity::new(subject, tenant, expires_at)
}

/// The caller swears that a service's proof was verified in full (signature by a key that is bound to this issuer, this
/// audience and this tenant, times, not replayed), that `permissions` are the key's, and that `user`, when there is one, was
/// verified from that user's own token, which the proof names.
#[must_use]
pub fn service_verified(
    name: ServiceName,
    tenant: TenantId,
    permissions: Arc<PermissionNames>,
    user: Option<VerifiedIdentity>,
    expires_at: Timestamp,
) -> VerifiedService {
    VerifiedService {
        name,
        tenant,
        permissions,
        user,
        expires_at,
    }
}

/// The caller swears that a trusted key signed this grant for this operator, tenant, reason, access and end.
#[must_use]
pub fn operator_granted(
    operator: OperatorName,
    tenant: TenantId,
    reason: Reason,
    access: OperatorAccess,
    expires_at: Timestamp,
) -> OperatorGrant {
    OperatorGrant {
        operator,
        tenant,
        reason,
        access,
        expires_at,
    }
}

/// The caller swears that `token` is the one that `identity` was verified from.
#[must_use]
pub fn with_token(mut identity: VerifiedIdentity, token: SecretString) -> VerifiedIdentity {
    identity.token = Some(Arc::new(token));
    identity
}

/// The user's own token, where the context's user came with one that was kept. The caller swears to send it to nobody but a
/// service of the platform, bound to a proof of its own.
#[must_use]
pub fn user_token(context: &TenantContext) -> Option<&SecretString> {
    context.user_token()
}

/// The caller swears that this process holds the service's private key, and that `permissions` are what the deployment's
/// configuration gives the service in its own name.
#[must_use]
pub fn own_service(name: ServiceName, permissions: Arc<PermissionNames>) -> OwnService {
    OwnService { name, permissions }
}
