//! Permissions as types, for permits.

use super::PermissionDef;
use crate::Role;

/// A permission as a type, for [`Permit<P>`](crate::Permit). Declare one with [`permissions!`](crate::permissions).
pub trait Permission: Send + Sync + 'static {
    /// The permission as a value.
    const DEF: PermissionDef;
}

/// A permission whose permit opens a writing transaction.
pub trait WritePermission: Permission {}

/// Declares an application's permissions: a type each, with its name and the least role that has it. `write` opens a
/// writing transaction; a read-only member can't be given one by its role.
///
/// ```
/// tenancy_core::permissions! {
///     /// Makes an itinerary public.
///     pub PublishItinerary = "trips:itinerary:publish", Admin, write;
///     /// Sees who looked at an itinerary.
///     pub ViewVisitors = "trips:visitors:view", Member, read;
/// }
/// ```
#[macro_export]
macro_rules! permissions {
    ($($(#[$doc:meta])* $visible:vis $name:ident = $text:literal, $least:ident, $access:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        $visible enum $name {}

        impl $crate::Permission for $name {
            const DEF: $crate::PermissionDef = $crate::PermissionDef::new($text, $crate::Role::$least);
        }

        // a bad name is an error where it is declared, and not first where it is used
        const _: $crate::PermissionDef = <$name as $crate::Permission>::DEF;

        $crate::permissions!(@$access $name $least);
    )*};
    (@read $name:ident $least:ident) => {};
    (@write $name:ident ReadOnly) => {
        compile_error!("a read-only member writes nothing: give a writing permission to `Member` or a greater role");
    };
    (@write $name:ident $least:ident) => {
        impl $crate::WritePermission for $name {}
    };
}

macro_rules! platform {
    ($($name:ident = $text:literal, $least:ident, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl Permission for $name {
                const DEF: PermissionDef = PermissionDef::platform($text, Role::$least);
            }
        )*

        /// Every permission of the platform.
        pub const PLATFORM: &[PermissionDef] = &[$($name::DEF),*];
    };
}

platform! {
    TenantDelete = "tenant:delete", Owner, "`tenant:delete`: delete the tenant.";
    BillingManage = "tenant:billing:manage", Owner, "`tenant:billing:manage`: manage billing.";
    AdminsManage = "tenant:admins:manage", Owner, "`tenant:admins:manage`: make admins and owners, and take their role away.";
    UsersInvite = "tenant:users:invite", Admin, "`tenant:users:invite`: invite users.";
    UsersRemove = "tenant:users:remove", Admin, "`tenant:users:remove`: remove users.";
    SettingsUpdate = "tenant:settings:update", Admin, "`tenant:settings:update`: change the tenant's settings.";
    DataAll = "tenant:data:all", Admin, "`tenant:data:all`: reach data of every user of the tenant, and not only its own and what is shared.";
    DataWrite = "tenant:data:write", Member, "`tenant:data:write`: create and edit data.";
    DataRead = "tenant:data:read", ReadOnly, "`tenant:data:read`: view data.";
}

impl WritePermission for TenantDelete {}
impl WritePermission for BillingManage {}
impl WritePermission for UsersInvite {}
impl WritePermission for UsersRemove {}
impl WritePermission for SettingsUpdate {}
impl WritePermission for AdminsManage {}
impl WritePermission for DataWrite {}
