//! The verifiers of Identity Platform's tokens: one for each kind, and either of them with a look at the user's account.

mod checked;
mod id_token;
mod session_cookie;
mod token_cache;
mod verification;

pub use self::checked::CheckedVerifier;
pub use self::id_token::IdTokenVerifier;
pub use self::session_cookie::SessionCookieVerifier;
