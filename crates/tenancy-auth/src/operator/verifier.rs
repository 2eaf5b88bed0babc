//! The verifier of operators' grants.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tenancy_core::{OperatorGrant, Result, ServiceName, trust};

use super::GrantClaims;
use crate::{
    ServiceKeys,
    proof::{Proof, ProofKind, Times},
    token::Refusal,
};

/// The most seconds that any deployment may take.
pub(super) const LONGEST: i64 = 8 * 3600;

/// Whose grants a deployment takes.
#[derive(Clone, Debug)]
pub struct OperatorTrust {
    /// The control plane's name.
    pub issuer: ServiceName,
    /// The control plane's keys for grants. Its keys for calls may be others.
    pub keys: ServiceKeys,
    /// For how long a grant may last: an hour by default, eight at most. A longer one is refused, not shortened.
    pub longest: Duration,
}

impl OperatorTrust {
    /// Takes grants of the control plane for an hour at most.
    #[must_use]
    pub fn new(issuer: ServiceName, keys: ServiceKeys) -> Self {
        Self {
            issuer,
            keys,
            longest: Duration::from_secs(3600),
        }
    }
}

/// Verifies operators' grants. Cheap to clone.
///
/// A grant is a bearer token for many requests: it is bound to one service, one tenant and its end, and to no method or path.
#[derive(Clone, Debug)]
pub struct OperatorVerifier {
    own: ServiceName,
    trust: Arc<OperatorTrust>,
}

impl OperatorVerifier {
    /// A verifier of the service `name`: the audience that a grant has to be made for.
    #[must_use]
    pub fn new(name: ServiceName, trust: OperatorTrust) -> Self {
        crate::install_crypto();
        Self {
            own: name,
            trust: Arc::new(trust),
        }
    }

    /// Verifies a grant.
    pub(crate) async fn verify(&self, token: &str) -> Result<OperatorGrant> {
        let proof = Proof::parse(token, ProofKind::Operator)?;
        let claims: GrantClaims = proof.claims(&GrantClaims::MEMBERS)?;
        if claims.iss != self.trust.issuer {
            return Err(Refusal::claim("iss", "is another").into());
        }
        if claims.aud != self.own {
            return Err(Refusal::claim("aud", "is another").into());
        }
        let times = Times {
            iat: claims.iat,
            exp: claims.exp,
        };
        let longest = i64::try_from(self.trust.longest.as_secs()).unwrap_or(LONGEST);
        let expires_at = times.check(Timestamp::now().as_second(), longest.min(LONGEST))?;
        proof.check(&*self.trust.keys.key(proof.kid()).await?)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the place that may swear: every check has passed"
        )]
        let grant = trust::operator_granted(
            claims.sub,
            claims.tenant,
            claims.reason,
            claims.access,
            expires_at,
        );
        Ok(grant)
    }
}
