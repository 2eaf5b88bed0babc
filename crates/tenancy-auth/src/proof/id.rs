//! The name of one proof.

use std::fmt;

use tenancy_core::ServiceName;
use uuid::Uuid;

/// The name of one proof: who made it, and its `jti`. No two proofs of an issuer have the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProofId {
    /// The service that made it.
    pub issuer: ServiceName,
    /// Its `jti`.
    pub id: Uuid,
}

impl fmt::Display for ProofId {
    /// `{issuer}/{id}`: a key for who keeps them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.issuer, self.id)
    }
}
