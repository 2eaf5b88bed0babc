//! What a tenant has stored, counted by listing it.

mod handle;
mod report;

pub use report::{Usage, UsageReport};
