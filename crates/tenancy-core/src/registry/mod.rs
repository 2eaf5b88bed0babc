//! The one door to the registry's database: a small pool that calls the registry's functions.

mod changes;
mod client;
mod listen;
mod member_row;
mod membership;
mod options;

pub use self::client::{Access, RegistryClient};
pub use self::listen::{CHANNEL, ChangeListener};
pub use self::member_row::{MemberRow, membership};
pub use self::options::{ConnectOptionsError, connect_options};
