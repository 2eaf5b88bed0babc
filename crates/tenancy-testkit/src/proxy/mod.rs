//! A proxy in front of PostgreSQL that counts round trips at the wire, and can cut the line.

mod count;
mod fuse;
mod relay;
mod server;

pub use self::server::CountingProxy;
pub(crate) use self::server::through;
