//! What no token says: whether its user may still in.

mod access_token;
mod account;
mod accounts;
mod lookup;
mod options;
mod state;

pub use self::access_token::AccessToken;
#[cfg(fuzzing)]
pub(crate) use self::account::read as read_account;
pub(crate) use self::accounts::Accounts;
pub use self::options::{AccountsUrl, Revocation};
