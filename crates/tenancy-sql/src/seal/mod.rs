//! The seal: a session can't become another tenant's, whatever SQL was injected into it.
//!
//! Without it the tenant is a setting, and a function that SQL calls can set it. In a sealed database the tenant that the
//! policies compare with is one that the pool proved: it sends the tenant and an HMAC-SHA256 over the session's challenge, its
//! turn and the tenant, and the database verifies it once, with a key that the serving role can't read.
//!
//! # Flow
//!
//! 1. A new connection asks for its challenge (`tenancy.seal_hello()`): 122 random bits of the server's. One round trip.
//! 2. The message that scopes a session to another tenant opens the seal for it (`tenancy.seal_open(tenant, key, proof)`). No
//!    round trip more.
//! 3. `tenancy.current_tenant()`, which every policy calls, compares the setting with the sealed tenant: once a statement.
//!
//! # Guarantees
//!
//! - It fails closed: a statement that reaches a fenced table is an error when the session was never sealed, when the seal
//!   was destroyed, or when the setting names another tenant.
//! - A proof is good for one session, one turn and one tenant: read from a log, from `pg_stat_activity` or off the session
//!   itself, it is useless. What was used up stays so when a transaction is rolled back.
//! - The key is in a table that only its owner reads: in no setting, function body, statement or log.
//! - What was sealed lives and dies with the server's process: temporary sequences of the owner's. They need no vacuum, take
//!   no transaction id, and are not rolled back.
//!
//! # Assumptions
//!
//! - The session is the connection's own: [`PoolMode::Transaction`](crate::PoolMode::Transaction) is refused.
//! - The serving role has no TEMPORARY on the database and is a member of no role that has (the database refuses to greet
//!   one that has); the owner has it.
//! - A standby can't make temporary sequences: a sealed database is read on its primary.
//! - SQL of a tenant can destroy its session's seal (`DISCARD TEMP`): the pool then closes the connection.
//!
//! # Bringing it in, changing the key, and taking it out
//!
//! [`install`] the key, deploy services that have it in [`PoolOptions::seal`](crate::PoolOptions::seal), then [`enforce`].
//! To change the key: install the next one beside it, change the secret (new connections read it afresh), [`retire`] the old
//! one. To take it out: [`relax`], deploy services without, [`uninstall`].

mod error;
#[cfg(test)]
mod injection;
mod install;
mod key;
#[cfg(test)]
mod proof;
mod session;
mod verify;

pub use self::error::SealError;
pub use self::install::{enforce, install, relax, retire, uninstall};
pub use self::key::SealKey;

pub(crate) use self::error::Refused;
pub(crate) use self::session::{ASK, Seal};
pub(crate) use self::verify::{refusal, verify};
