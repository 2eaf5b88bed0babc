//! Services that call each other: who signs, who is trusted, and how far.

mod authenticator;
mod claims;
mod keys;
mod private;
mod published;
mod replay;
mod ring;
mod sessions;
mod signer;
mod speaker;
mod trusted;
mod users;
mod verifier;

pub use self::authenticator::Authenticator;
pub(crate) use self::claims::ServiceClaims;
pub use self::keys::{ParseServiceKeysError, ServiceKeys};
pub use self::replay::LocalReplayGuard;
pub use self::sessions::Sessions;
pub use self::signer::{KeyWatch, ServiceSigner, SignerError};
pub(crate) use self::speaker::speaker;
pub(crate) use self::trusted::Trusted;
pub use self::trusted::{ServiceTenants, TrustError, TrustedService};
pub use self::users::UserVerifier;
pub(crate) use self::users::Users;
pub use self::verifier::ServiceVerifier;
