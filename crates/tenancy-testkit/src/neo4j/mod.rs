//! Neo4j for tests: a real server on loopback, whose data goes with it.

mod find;
mod handle;
mod login;
mod server;

pub use self::handle::Neo4j;
