#![doc = include_str!("../README.md")]

mod boot_error;
mod causes;
mod config;
mod connections;
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
    DeadReason, JobKind, JobOutcome, JobRunner, JobSealer, OutgoingError, OutgoingLayer, RetryReason,
    ServiceSigner, TenantEnvelope,
};
pub use tenancy_core::http::{
    ClientAddress, ForwardedLayer, HintLayer, Json, Path, Query, TenantLayer, method_not_allowed, not_found,
};
pub use tenancy_core::{
    Actor, Allowance, BillingManage, Checkpoint, DataAll, DataRead, DataWrite, Error, FanOut, FanOutReport,
    Feature, FieldError, HintedTenant, Kind, ParseIdError, Permission, Permit, Plan, Problem, RequestId,
    Result, Role, SettingsUpdate, TenantContext, TenantDelete, TenantId, TenantSlug, Tier, UserId,
    UsersInvite, UsersRemove, WritePermission, permissions,
};
pub use tenancy_sql::{Finding, ReadConnection, RoleName, SqlHandle, Transaction, Unsafe, migrate, rls};
pub use tenancy_storage::{
    Listing, Object, ObjectHandle, ObjectKey, ObjectMeta, Page, ParseKeyError, PutMode,
};
