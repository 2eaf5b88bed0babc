//! The registry of tenants, users, members and placements, as its owner sees it.

mod connect;
mod deployments;
mod lifecycle;
mod members;
mod migrate;
mod refusal;
mod settings;
mod tenants;

pub use self::connect::Registry;
