//! The verifier of service tokens.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use tenancy_core::{
    ProofId, ReplayGuard, Result, ServiceName, VerifiedIdentity, VerifiedService, http::Credentials, trust,
};

use super::{TrustError, TrustedService, claims::ServiceClaims, trusted::Trust, users::Users};
use crate::{
    proof::{Proof, ProofKind, Times, sha256},
    token::Refusal,
};

/// The most seconds that a service token may hold.
const LONGEST: i64 = 300;

/// Verifies what other services sign for this one. Cheap to clone.
///
/// It is part of an [`Authenticator`](crate::Authenticator), which verifies the user's own token beside it.
#[derive(Clone)]
pub struct ServiceVerifier {
    pub(crate) trust: Arc<Trust>,
    guard: Arc<dyn ReplayGuard>,
}

impl ServiceVerifier {
    /// A verifier of the service `name`: the audience that a proof has to be made for.
    ///
    /// # Errors
    ///
    /// When two of the trusted services have the same name or the same key.
    pub fn new(
        name: ServiceName,
        trusted: impl IntoIterator<Item = TrustedService>,
        guard: Arc<dyn ReplayGuard>,
    ) -> Result<Self, TrustError> {
        crate::install_crypto();
        Ok(Self {
            trust: Arc::new(Trust::new(name, trusted)?),
            guard,
        })
    }

    /// Verifies a service token, and the user's own token beside it.
    pub(crate) async fn verify(
        &self,
        credentials: Credentials<'_>,
        users: &Users,
    ) -> Result<VerifiedService> {
        let proof = Proof::parse(credentials.bearer, ProofKind::Service)?;
        let claims: ServiceClaims = proof.claims(&ServiceClaims::MEMBERS)?;
        // cheap checks first: a proof that is not meant for us never makes us look for a key
        let trusted = self.trust.admit(&claims.iss, &claims.aud, claims.tenant)?;
        let times = Times {
            iat: claims.iat,
            exp: claims.exp,
        };
        let expires_at = times.check(Timestamp::now().as_second(), LONGEST)?;
        bound(&claims, &credentials)?;
        proof.check(&*trusted.keys.key(proof.kid()).await?)?;
        let user = match credentials.actor {
            Some(token) => Some(users.verify(token).await?),
            None => None,
        };
        let id = ProofId {
            tenant: claims.tenant,
            issuer: claims.iss,
            id: claims.jti,
        };
        let (from, until) = (times.made_from(), times.forgotten_at());
        if !self.guard.first_use(&id, from, until).await? {
            return Err(Refusal::claim("jti", "was used before").into());
        }
        // what was waited for took its time, and the guard may have forgotten by now
        times.check(Timestamp::now().as_second(), LONGEST)?;
        let permissions = Arc::clone(&trusted.permissions);
        Ok(sworn(id.issuer, claims.tenant, permissions, user, expires_at))
    }
}

/// The token is for this one call, and for this one user.
fn bound(claims: &ServiceClaims, credentials: &Credentials<'_>) -> Result<(), Refusal> {
    if claims.htm != credentials.method.as_str() {
        return Err(Refusal::claim("htm", "is another method"));
    }
    if claims.htp != credentials.path {
        return Err(Refusal::claim("htp", "is another path"));
    }
    match (&claims.ath, credentials.actor) {
        (None, None) => Ok(()),
        (Some(ath), Some(token)) if *ath == sha256(token.as_bytes()) => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::claim("ath", "is another user's token")),
        (Some(_), None) => Err(Refusal::claim("ath", "has no actor token beside it")),
        (None, Some(_)) => Err(Refusal::claim("ath", "is missing, beside an actor token")),
    }
}

fn sworn(
    name: ServiceName,
    tenant: tenancy_core::TenantId,
    permissions: Arc<tenancy_core::PermissionNames>,
    user: Option<VerifiedIdentity>,
    expires_at: Timestamp,
) -> VerifiedService {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place that may swear: every check has passed"
    )]
    trust::service_verified(name, tenant, permissions, user, expires_at)
}

impl fmt::Debug for ServiceVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceVerifier")
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}
