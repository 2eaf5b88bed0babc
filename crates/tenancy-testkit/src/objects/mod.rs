//! A GCS-compatible server for tests: on loopback, in memory, built from source by Go when it is first asked for.

mod find;
mod handle;
mod server;

pub use self::handle::ObjectServer;
