//! Whether a proof was used before.

use async_trait::async_trait;
use jiff::Timestamp;

use super::ProofId;
use crate::Result;

/// Remembers proofs that were used, for as long as they could be used again.
#[async_trait]
pub trait ReplayGuard: Send + Sync + 'static {
    /// Takes note of a proof; whether this is its first use. Nobody can have used it before `from`: a guard that remembers
    /// nothing of that time can't know. `until` is when it can be forgotten, by the clock of who asks: a guard that machines share
    /// remembers it as much longer as their clocks may be apart.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when it can't be known, or the tenant's room is full: the proof is
    /// refused then, and other tenants' are not.
    async fn first_use(&self, proof: &ProofId, from: Timestamp, until: Timestamp) -> Result<bool>;
}
