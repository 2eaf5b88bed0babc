//! The name of one proof.

use std::fmt;

use uuid::Uuid;

use crate::{ServiceName, TenantId};

/// The name of one proof: whose tenant it is for, who made it, and its `jti`. No two proofs of an issuer have the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProofId {
    /// The tenant that it is for: what is remembered of it takes that tenant's room.
    pub tenant: TenantId,
    /// The service that made it.
    pub issuer: ServiceName,
    /// Its `jti`.
    pub id: Uuid,
}

impl fmt::Display for ProofId {
    /// `{tenant}/{issuer}/{id}`: a key for who keeps them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.issuer, self.id)
    }
}
