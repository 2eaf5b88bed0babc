//! Indexes and constraints of a graph, versioned.

mod ledger;
mod plan;
mod run;

pub use self::{plan::GraphMigration, run::migrate};
