//! The names of what every log line, span and metric of a request carries.

/// The span that wraps a request.
pub const REQUEST_SPAN: &str = "request";
/// The tenant: a UUID.
pub const TENANT_ID: &str = "tenant.id";
/// The tenant's tier.
pub const TENANT_TIER: &str = "tenant.tier";
/// The request: a UUID.
pub const REQUEST_ID: &str = "request.id";
