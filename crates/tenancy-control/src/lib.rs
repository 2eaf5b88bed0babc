#![doc = include_str!("../README.md")]

mod new;
mod registry;
mod text;

pub use new::{Cell, NewTenant, NewUser};
pub use registry::Registry;
pub use text::{CustomHost, DeploymentRole, Email, ParseTextError, TenantName};
