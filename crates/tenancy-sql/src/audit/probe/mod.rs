//! Looks for itself: what the catalog promises is tried, as the role.
//!
//! Everything happens in transactions that are rolled back. Reads are tried in a read-only one. Writes are tried only where the
//! caller asks for it: they fire triggers, and what a trigger does outside the database is not rolled back.

mod foreign;
mod forge;
mod reach;
mod rules;
mod target;

pub(super) use self::{
    foreign::ask as foreign,
    reach::ask as reach,
    rules::ALL,
    target::{Target, become_role},
};

/// What is tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Probe {
    /// Nothing: the catalog alone is asked.
    Off,
    /// Reads: without a tenant, as a tenant that does not exist, and as one of two that are found.
    #[default]
    Reads,
    /// And writes, which are refused or rolled back: rows of one tenant, as another. Fires triggers.
    Writes,
}
