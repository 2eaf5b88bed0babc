//! The tower layer, axum's extractors and problem+json.

mod authenticate;
mod bearer;
mod body;
mod context;
mod layer;
mod parameters;
mod respond;
mod service;

pub use self::authenticate::Authenticate;
pub use self::body::Json;
pub use self::layer::TenantLayer;
pub use self::parameters::{Path, Query};
pub use self::service::{TenantFuture, TenantService};
