//! PgBouncer for tests: a pooler before a PostgreSQL, on loopback, that leaves nothing behind.

mod find;
mod handle;
mod server;

pub use self::handle::{PgBouncer, Pooling};
