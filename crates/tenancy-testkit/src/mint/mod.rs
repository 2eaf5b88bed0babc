//! Tokens as Identity Platform makes them, signed by a key of the test's own.

mod draft;
mod key;
mod signing;
mod token_mint;

pub use self::draft::TokenDraft;
pub use self::signing::Signing;
pub use self::token_mint::TokenMint;
