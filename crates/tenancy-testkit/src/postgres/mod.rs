//! PostgreSQL for tests and for the demo: a private server on loopback that leaves nothing behind.

mod admin;
mod database;
mod error;
mod find;
mod handle;
mod install;
mod name;
mod replica;
mod server;

pub use self::database::Database;
pub use self::error::PostgresError;
pub use self::handle::Postgres;
pub use self::replica::Replica;
