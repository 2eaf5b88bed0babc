//! Operators of the platform: leave to act within one tenant, with a reason and an end.

mod claims;
mod granter;
mod verifier;

use self::claims::GrantClaims;
pub use self::granter::{GrantRequest, OperatorGranter};
pub use self::verifier::{OperatorTrust, OperatorVerifier};
