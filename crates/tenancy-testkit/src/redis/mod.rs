//! Redis for tests: a private server on loopback that keeps nothing and leaves nothing behind.

mod find;
mod handle;
mod server;

pub use self::handle::Redis;
