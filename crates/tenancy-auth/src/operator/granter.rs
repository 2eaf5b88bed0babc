//! The control plane's side: grants are signed.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tenancy_core::{Error, OperatorAccess, OperatorName, Reason, Result, ServiceName, TenantId};
use uuid::Uuid;

use super::{GrantClaims, verifier::LONGEST};
use crate::{ServiceSigner, proof::ProofKind};

/// Signs operators' grants: the control plane's, which knows the operator by a sign-in of its own.
#[derive(Clone, Debug)]
pub struct OperatorGranter {
    signer: ServiceSigner,
}

/// What an operator asks for.
#[derive(Clone, Debug)]
pub struct GrantRequest {
    /// The operator, as the platform's own identity provider proved it.
    pub operator: OperatorName,
    /// The one tenant.
    pub tenant: TenantId,
    /// Why: for the log, and for the tenant's audit log.
    pub reason: Reason,
    /// How far.
    pub access: OperatorAccess,
    /// The one service that takes it.
    pub audience: ServiceName,
    /// For how long, eight hours at most; what a deployment takes may be less.
    pub lasts: Duration,
}

impl OperatorGranter {
    /// A granter that signs with the control plane's key. Deployments trust it by
    /// [`OperatorTrust`](super::OperatorTrust); as a service it is trusted for nothing by that.
    #[must_use]
    pub fn new(signer: ServiceSigner) -> Self {
        Self { signer }
    }

    /// Signs a grant: a bearer token, for as long as it lasts. Writes who was given it, and why, to the log.
    ///
    /// # Errors
    ///
    /// `Internal` when it would last longer than eight hours, or less than a second.
    pub fn grant(&self, request: &GrantRequest) -> Result<SecretString> {
        let lasts = i64::try_from(request.lasts.as_secs()).unwrap_or(i64::MAX);
        if !(1..=LONGEST).contains(&lasts) {
            return Err(Error::internal("a grant lasts a second to eight hours"));
        }
        let iat = Timestamp::now().as_second();
        let claims = GrantClaims {
            iss: self.signer.name().clone(),
            aud: request.audience.clone(),
            sub: request.operator.clone(),
            tenant: request.tenant,
            access: request.access,
            reason: request.reason.clone(),
            iat,
            exp: iat.saturating_add(lasts),
            jti: Uuid::now_v7(),
        };
        let token = self.signer.sign(ProofKind::Operator, &claims)?;
        tracing::warn!(
            tenant.id = %request.tenant, operator = %request.operator, reason = %request.reason,
            access = ?request.access, audience = %request.audience, grant = %claims.jti, lasts,
            "an operator of the platform was given leave to act within the tenant"
        );
        Ok(token.into())
    }
}
