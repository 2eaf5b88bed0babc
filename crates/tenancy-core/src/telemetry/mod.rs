//! What every log line, span and metric of a request carries, and what none of them may.
//!
//! Ids and codes go in; names, addresses, texts and paths stay out. What could be a tenant's goes through [`Redacted`].

mod cache_meter;
mod heavy_hitters;
mod labels;
mod names;
mod publish;
mod redacted;

pub use self::cache_meter::CacheMeter;
pub use self::labels::{TenantLabel, TenantLabels};
pub use self::names::{
    ACTOR_ID, ACTOR_KIND, AUDIT_TARGET, CACHE, CACHE_LOOKUPS, DENIALS, LIMIT_DECISIONS, OPERATOR_TARGET,
    OTHER_TENANTS, REQUEST_ID, REQUEST_SECONDS, REQUEST_SPAN, REQUEST_TARGET, REQUESTS, RESULT, TENANT,
    TENANT_ID, TENANT_TIER, TIER,
};
pub use self::publish::{Published, at_publish, publish};
pub use self::redacted::Redacted;
