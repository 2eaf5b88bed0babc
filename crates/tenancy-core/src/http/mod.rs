//! The tower layer, axum's extractors and problem+json.

mod admit;
mod authenticate;
mod bearer;
mod body;
mod context;
mod deadline;
mod fallback;
mod forwarded;
mod guard;
mod held;
mod hinted;
mod layer;
mod observe;
mod parameters;
mod rates;
mod respond;
mod series;
mod service;

pub use self::authenticate::{Authenticate, Credentials, Means};
pub use self::body::Json;
pub use self::fallback::{method_not_allowed, not_found};
pub use self::forwarded::{
    ClientAddress, Forwarded, ForwardedLayer, Network, ParseNetworkError, TrustedProxies,
};
pub use self::guard::{Guarded, GuardedFuture, RequireFeature, RequirePermission, require, require_feature};
pub use self::hinted::{HintLayer, HintService};
pub use self::layer::TenantLayer;
pub use self::parameters::{Path, Query};
pub use self::service::{TenantFuture, TenantService};
