//! What happens once, for all replicas: which proofs were used and which jobs were done, through Redis.

mod guard;
mod ledger;
mod memory;
mod seek;
mod store;

pub use self::store::SharedProofs;
