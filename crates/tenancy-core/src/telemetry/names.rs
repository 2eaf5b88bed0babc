//! The names of spans, fields, metrics and labels.

/// The span that wraps a request.
pub const REQUEST_SPAN: &str = "request";
/// That span's target: a filter that leaves it out leaves lines without their tenant.
pub const REQUEST_TARGET: &str = "tenancy::request";
/// The target of what is audited, where the log is its stream.
pub const AUDIT_TARGET: &str = "tenancy::audit";
/// The target of what operators of the platform do.
pub const OPERATOR_TARGET: &str = "tenancy::operator";
/// The tenant: a UUID.
pub const TENANT_ID: &str = "tenant.id";
/// The tenant's tier.
pub const TENANT_TIER: &str = "tenant.tier";
/// The request: a UUID.
pub const REQUEST_ID: &str = "request.id";
/// Who acts: `user`, `service` or `operator`.
pub const ACTOR_KIND: &str = "actor.kind";
/// The user's id or the service's name. An operator's name is a person's: the audit log has it, and no line of a request.
pub const ACTOR_ID: &str = "actor.id";

/// Counts requests by `route`, `method`, `status` (its class; `cancelled` when the client went away before its answer), `tier`
/// and `tenant`.
pub const REQUESTS: &str = "tenancy_requests_total";
/// Measures requests, to the head of the response or to where the client went away, in seconds; by `route`, `tier` and `tenant`.
pub const REQUEST_SECONDS: &str = "tenancy_request_duration_seconds";
/// Counts what limits decided by `policy` and `decision`, and by `tier` and `tenant` where those are known.
pub const LIMIT_DECISIONS: &str = "tenancy_limit_decisions_total";
/// Counts refusals by `kind`, `code`, `tier` and `tenant`.
pub const DENIALS: &str = "tenancy_denials_total";
/// Counts look-ups by `cache` and `result`.
pub const CACHE_LOOKUPS: &str = "tenancy_cache_lookups_total";

/// The metrics' label for the tenant: an id, `other`, or nothing where no tenant is known.
pub const TENANT: &str = "tenant";
/// The metrics' label for the tier.
pub const TIER: &str = "tier";
/// The label for which cache it was: `directory`, `memberships`, `tokens`, `keys`, `accounts`.
pub const CACHE: &str = "cache";
/// The label for what a cache had: `hit`, `stale` or `miss`.
pub const RESULT: &str = "result";
/// The tenants that have no label of their own.
pub const OTHER_TENANTS: &str = "other";
