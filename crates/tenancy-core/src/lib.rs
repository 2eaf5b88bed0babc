//! The heart of `tenancy`: who a tenant is, where its data lives, and the proofs that every store asks for.
//!
//! A request becomes a [`TenantContext`] on one path only: a verified identity (a token whose signature was
//! checked, see `tenancy-auth`) goes through a [`Resolver`], which asks a [`Directory`] for the tenant and
//! [`Memberships`] for the user's role. Stores take a `&TenantContext` to read and a `&`[`Permit`]`<P>` to write.
//! Neither can be built by hand, and a directory's [`TenantRecord`] does not turn into one:
//!
//! ```compile_fail,E0451
//! fn forge(record: std::sync::Arc<tenancy_core::TenantRecord>) -> tenancy_core::TenantContext {
//!     tenancy_core::TenantContext { inner: record }
//! }
//! ```
//!
//! # Who may do what
//!
//! [`decide`] knows four roles, the roles that a tenant makes of permissions ([`CustomRole`]), services and operators; a
//! [`Permit`] proves its yes. Applications add permissions with [`permissions!`]; a [`PermissionCatalogue`] knows them all.
//! [`check_grant`] says who may give which role. What was decided goes to an [`AuditSink`], by which rule and in which version
//! of it; what was done goes with the permit's [`Trail`] into the transaction that did it. Whether a handler runs at all,
//! `http::require` and `http::require_feature` decide in front of it.
//!
//! # How answers are kept
//!
//! [`CachedDirectory`](directory::CachedDirectory) and [`CachedMemberships`] keep answers while a
//! [`ChangeFeed`](directory::ChangeFeed) confirms them. Within what a change is true in every process:
//!
//! | what works | bound |
//! |---|---|
//! | push, feed, look-ups | 20 ms and two round trips |
//! | feed, look-ups | 1 s and two round trips |
//! | look-ups | 5 s |
//! | nothing | the last known answer serves: Free 5 minutes, Standard 1 hour, Enterprise 24 hours; a suspension that was seen stays, and what is known to have changed serves nobody |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `http` | the tower layer, axum extractors, problem+json (RFC 9457) |
//! | `work` | work that no request starts, or that outlives one: the fan-out over all tenants, the end of a context |
//! | `cache` | answers kept while a feed of changes confirms them, and held through an outage |
//! | `postgres` | `cache`, and the directory over the registry's tables, errors classified by SQLSTATE, ids as SQL values |
//!
//! Without features the crate pulls neither tokio, http nor sqlx.

mod actor;
mod audit;
mod context;
mod decision;
pub mod directory;
mod error;
pub mod fair;
#[cfg(feature = "work")]
mod fan_out;
#[cfg(feature = "cache")]
mod fresh;
mod grant;
mod hints;
#[cfg(feature = "http")]
pub mod http;
mod id;
mod identity;
mod limits;
mod membership;
pub mod names;
mod once;
mod operator_log;
mod parsed_text;
mod permission;
mod permit;
mod placement;
mod plan;
mod principal;
mod problem;
mod quota;
mod record;
#[cfg(feature = "postgres")]
pub mod registry;
mod reserved;
mod resolver;
mod role;
mod secret;
mod slug;
#[cfg(feature = "postgres")]
mod sqlstate;
mod standing;
mod status;
pub mod telemetry;
mod tier;
#[doc(hidden)]
pub mod trust;

pub use actor::Actor;
pub use audit::{
    AUDIT_SCHEMA, AuditEvent, AuditRecord, AuditSink, AuditStream, Recording, Target, TracingAudit, Trail,
};
pub use context::TenantContext;
pub use decision::{Decision, POLICY_VERSION, Rule, decide, decide_on, decide_role};
pub use directory::{Directory, TenantKey};
pub use error::{Error, FieldError, Kind, Result};
#[cfg(feature = "work")]
pub use fan_out::{Checkpoint, FanOut, FanOutReport, ListedTenant, TenantList};
#[cfg(feature = "cache")]
pub use fresh::{CacheOptions, Freshness, StaleCaps};
pub use grant::{check_custom_role, check_grant, check_invitation};
pub use hints::{HintRule, HintRules, HintRulesError, HintSource, HintedTenant, Hints, HostPolicy};
pub use id::{ParseIdError, RequestId, TenantId, UserId};
pub use identity::{IdentityTenant, ParseIdentityError, Subject, VerifiedIdentity};
pub use limits::{Entry, Limits, Place, Rate, Unlimited, Verdict};
#[cfg(feature = "cache")]
pub use membership::CachedMemberships;
pub use membership::{Membership, MembershipKey, Memberships, StaticMember, StaticMemberships};
pub use once::{JobLedger, JobTurn, ProofId, ReplayGuard, Turn};
pub use permission::{
    AdminsManage, BillingManage, DataAll, DataRead, DataWrite, PLATFORM, ParsePermissionError, Permission,
    PermissionCatalogue, PermissionClash, PermissionDef, PermissionNames, SettingsUpdate, TenantDelete,
    UsersInvite, UsersRemove, WritePermission,
};
pub use permit::Permit;
pub use placement::{
    BucketName, DatabaseName, DocumentDatabase, DocumentLayout, DocumentsPlacement, Epoch, GraphDatabase,
    GraphPlacement, KeyLayout, Location, ObjectsPlacement, ParseNameError, Placement, ProjectId, StoreName,
};
pub use plan::{
    Allowance, CustomPlan, DataExport, Feature, FeatureSet, Limit, Plan, PlanBook, PlanChanges, Support,
    UptimeSla,
};
pub use principal::{
    OperatorAccess, OperatorGrant, OperatorName, OwnService, Principal, Reason, ServiceName, VerifiedService,
};
pub use problem::Problem;
pub use quota::{QuotaLedger, QuotaUsage, Reservation, StoreUsage};
pub use record::TenantRecord;
pub use resolver::{Deployment, Resolver, Unresolved};
pub use role::{
    CustomRole, CustomRoleName, MemberRole, ParseCustomRoleError, ParseRoleError, Role, RoleChoice,
};
pub use secret::{SecretRef, SecretRefError};
pub use slug::{ParseSlugError, TenantSlug};
pub use status::{ParseStatusError, TenantStatus};
pub use tier::{ParseTierError, Tier};
