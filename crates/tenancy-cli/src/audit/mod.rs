//! `tenancy audit`: does a database isolate tenants?

mod arguments;
mod format;
mod json;
mod outcome;
mod sarif;
mod text;
mod waivers;

pub(crate) use self::{arguments::AuditArgs, outcome::run, waivers::WaiversError};
