#![doc = include_str!("../README.md")]

mod boot_error;
mod causes;
mod config;
mod connections;
mod once;
mod open_routes;
mod root;
mod serve;
mod services;
mod sources;
pub mod telemetry;
mod users;
mod work;

pub use boot_error::BootError;
pub use config::{Config, ConfigError};
pub use open_routes::open_routes;
pub use root::Tenancy;
pub use serve::ServeError;
pub use tenancy_auth::{
    DeadReason, EnvelopeTooLong, JobKind, JobOutcome, JobRunner, JobSealer, Outgoing, OutgoingError,
    OutgoingFuture, OutgoingLayer, ParseJobKindError, RetryReason, ServiceSigner, SessionCookie,
    TenantEnvelope,
};
pub use tenancy_core::http::{
    ClientAddress, ForwardedLayer, HintLayer, Json, Path, Query, RequireFeature, RequirePermission,
    TenantLayer, method_not_allowed, not_found, require, require_feature,
};
pub use tenancy_core::{
    Actor, AdminsManage, Allowance, BillingManage, Checkpoint, CustomRoleName, DataAll, DataRead, DataWrite,
    Error, FanOut, FanOutReport, Feature, FieldError, HintedTenant, JobLedger, JobTurn, Kind, Limit,
    MemberRole, ParseIdError, Permission, PermissionCatalogue, PermissionClash, PermissionDef,
    PermissionNames, Permit, Plan, Problem, ProofId, Rate, ReplayGuard, RequestId, Result, Role, ServiceName,
    SettingsUpdate, Target, TenantContext, TenantDelete, TenantId, TenantSlug, Tier, Turn, UserId,
    UsersInvite, UsersRemove, WritePermission, check_grant, check_invitation, permissions,
};
#[cfg(feature = "documents")]
pub use tenancy_documents as documents;
#[cfg(feature = "graph")]
pub use tenancy_graph as graph;
pub use tenancy_limits::NearLimit;
pub use tenancy_sql::{Finding, ReadConnection, RoleName, SqlHandle, Transaction, Unsafe, migrate, rls};
pub use tenancy_storage::{
    Listing, Object, ObjectHandle, ObjectKey, ObjectMeta, Page, ParseKeyError, PutMode,
};
