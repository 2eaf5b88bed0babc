//! The registry of tenants, users, members and placements, as its owner sees it.

mod cells;
mod connect;
mod deed;
mod deployments;
mod granter;
mod lifecycle;
mod members;
mod membership;
mod migrate;
mod refusal;
mod roles;
mod settings;
mod tenants;

pub use self::connect::Registry;
