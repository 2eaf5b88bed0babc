//! Trips on three tiers: a whole platform in one process, for the demo and for the tests that cross crates.
//!
//! [`world`] sets everything up for real: PostgreSQL, the registry, signing keys, each tenant's databases and buckets, and
//! the services of three deployments, each with credentials of its own. [`story`] drives them over HTTP and shows what
//! happens.

pub mod story;
pub mod world;
