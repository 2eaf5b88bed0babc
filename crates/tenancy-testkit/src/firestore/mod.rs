//! Firestore for tests: the vendor's emulator on loopback, which keeps nothing and leaves nothing behind.

mod find;
mod handle;
mod server;

pub use self::handle::Firestore;
