#![doc = include_str!("../README.md")]

mod config;
mod root;
mod serve;
pub mod telemetry;

pub use config::{Config, ConfigError};
pub use root::{BootError, Tenancy};
pub use serve::ServeError;
pub use tenancy_core::http::{Json, Path, Query, TenantLayer, method_not_allowed, not_found};
pub use tenancy_core::{
    Actor, Allowance, BillingManage, DataRead, DataWrite, Error, Feature, FieldError, Kind, Permission,
    Permit, Plan, RequestId, Result, Role, SettingsUpdate, TenantContext, TenantDelete, TenantId, TenantSlug,
    Tier, UserId, UsersInvite, UsersRemove, WritePermission,
};
pub use tenancy_sql::{ReadConnection, SqlHandle, Transaction};
pub use tenancy_storage::{
    Listing, Object, ObjectHandle, ObjectKey, ObjectMeta, Page, ParseKeyError, PutMode,
};
