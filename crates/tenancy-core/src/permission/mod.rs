//! What can be allowed: by name for roles and records, as types for permits.

mod catalogue;
mod def;
mod names;
mod types;

pub use self::catalogue::{PermissionCatalogue, PermissionClash};
pub use self::def::PermissionDef;
pub use self::names::{ParsePermissionError, PermissionNames};
pub use self::types::{
    AdminsManage, BillingManage, DataAll, DataRead, DataWrite, PLATFORM, Permission, SettingsUpdate,
    TenantDelete, UsersInvite, UsersRemove, WritePermission,
};
