//! What can be allowed, as values for tables and as types for permits.

use std::fmt;

/// A permission of the platform, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PermissionKind {
    /// Delete the tenant.
    TenantDelete,
    /// Manage billing.
    BillingManage,
    /// Invite users.
    UsersInvite,
    /// Remove users.
    UsersRemove,
    /// Change the tenant's settings.
    SettingsUpdate,
    /// Create and edit data: own data, or everybody's with a role that reaches all data.
    DataWrite,
    /// View data.
    DataRead,
}

impl PermissionKind {
    /// Every permission.
    pub const ALL: [Self; 7] = [
        Self::TenantDelete,
        Self::BillingManage,
        Self::UsersInvite,
        Self::UsersRemove,
        Self::SettingsUpdate,
        Self::DataWrite,
        Self::DataRead,
    ];

    /// The name in roles, audit records and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantDelete => "tenant:delete",
            Self::BillingManage => "tenant:billing:manage",
            Self::UsersInvite => "tenant:users:invite",
            Self::UsersRemove => "tenant:users:remove",
            Self::SettingsUpdate => "tenant:settings:update",
            Self::DataWrite => "tenant:data:write",
            Self::DataRead => "tenant:data:read",
        }
    }
}

impl fmt::Display for PermissionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A permission as a type, for [`Permit<P>`](crate::Permit).
pub trait Permission: sealed::Sealed + Send + Sync + 'static {
    /// The permission as a value.
    const KIND: PermissionKind;
}

/// A permission whose permit opens a writing transaction.
pub trait WritePermission: Permission {}

macro_rules! permissions {
    ($($name:ident $kind:ident $doc:literal;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl sealed::Sealed for $name {}

        impl Permission for $name {
            const KIND: PermissionKind = PermissionKind::$kind;
        }
    )*};
}

permissions! {
    TenantDelete TenantDelete "`tenant:delete`: delete the tenant.";
    BillingManage BillingManage "`tenant:billing:manage`: manage billing.";
    UsersInvite UsersInvite "`tenant:users:invite`: invite users.";
    UsersRemove UsersRemove "`tenant:users:remove`: remove users.";
    SettingsUpdate SettingsUpdate "`tenant:settings:update`: change the tenant's settings.";
    DataWrite DataWrite "`tenant:data:write`: create and edit data.";
    DataRead DataRead "`tenant:data:read`: view data.";
}

impl WritePermission for TenantDelete {}
impl WritePermission for BillingManage {}
impl WritePermission for UsersInvite {}
impl WritePermission for UsersRemove {}
impl WritePermission for SettingsUpdate {}
impl WritePermission for DataWrite {}
