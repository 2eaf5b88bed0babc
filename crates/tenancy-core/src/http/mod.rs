//! The tower layer, axum's extractors and problem+json.

mod address;
mod admit;
mod authenticate;
mod bearer;
mod body;
mod context;
mod fallback;
mod held;
mod layer;
mod observe;
mod parameters;
mod rates;
mod respond;
mod series;
mod service;

pub use self::address::ClientAddress;
pub use self::authenticate::{Authenticate, Credentials};
pub use self::body::Json;
pub use self::fallback::{method_not_allowed, not_found};
pub use self::layer::TenantLayer;
pub use self::parameters::{Path, Query};
pub use self::service::{TenantFuture, TenantService};
