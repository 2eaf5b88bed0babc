//! What can be allowed: by name for roles and records, as types for permits.

use std::fmt;

use crate::Role;

/// A permission as a value: its name, and the least of the four roles that has it.
///
/// A name is three or two parts of `[a-z][a-z0-9_]*` between colons, 64 bytes at most: `trips:itinerary:publish`. What begins
/// with `tenant:` is the platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionDef {
    name: &'static str,
    hash: u64,
    least: Role,
}

impl PermissionDef {
    /// A permission of an application; `least` and every greater role have it.
    ///
    /// # Panics
    ///
    /// When the name is none or the platform's. In a `const`, as [`permissions!`](crate::permissions) does it, that is a
    /// compile error.
    #[must_use]
    pub const fn new(name: &'static str, least: Role) -> Self {
        assert!(
            is_permission_name(name),
            "a permission is named `scope:resource:action`"
        );
        assert!(!is_platform(name.as_bytes()), "`tenant:` is the platform's");
        Self::platform(name, least)
    }

    const fn platform(name: &'static str, least: Role) -> Self {
        Self {
            name,
            hash: hash(name.as_bytes()),
            least,
        }
    }

    /// The name in roles, audit records and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The least of the four roles that has it.
    #[must_use]
    pub const fn least_role(&self) -> Role {
        self.least
    }
}

impl fmt::Display for PermissionDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Whether `name` is two or three words between colons.
pub(crate) const fn is_permission_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let (mut at, mut colons, mut first) = (0, 0, true);
    while at < bytes.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "`at` is less than the length; const has no iterators"
        )]
        let byte = bytes[at];
        match byte {
            b'a'..=b'z' => first = false,
            b'0'..=b'9' | b'_' if !first => {}
            b':' if !first => {
                colons += 1;
                first = true;
            }
            _ => return false,
        }
        at += 1;
    }
    !first && bytes.len() <= 64 && (colons == 1 || colons == 2)
}

const fn is_platform(name: &[u8]) -> bool {
    matches!(name, [b't', b'e', b'n', b'a', b'n', b't', b':', ..])
}

/// FNV-1a, 64 bits. Two names with one hash are told apart by their text.
const fn hash(name: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < name.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "`at` is less than the length; const has no iterators"
        )]
        let byte = name[at];
        hash = (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

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
impl WritePermission for DataWrite {}

/// A set of permission names: what a custom role, a service's key or an operator's grant lists.
///
/// Names that this service does not know are kept and give nothing here. No wildcards: a name is exactly one permission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionNames {
    /// By hash, then by name.
    sorted: Box<[(u64, Box<str>)]>,
}

/// A text in a list of permissions is no permission's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no permission; one is named `scope:resource:action`, without wildcards")]
pub struct ParsePermissionError(pub String);

impl PermissionNames {
    /// A set of these names; one that stands twice counts once.
    ///
    /// # Errors
    ///
    /// When a text is no permission's name.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, ParsePermissionError> {
        let parse = |name: &str| {
            if is_permission_name(name) {
                Ok((hash(name.as_bytes()), Box::from(name)))
            } else {
                Err(ParsePermissionError(name.chars().take(80).collect()))
            }
        };
        let mut all = names.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        all.sort_unstable();
        all.dedup();
        Ok(Self { sorted: all.into() })
    }

    /// Whether the set has the permission. A binary search over hashes.
    #[must_use]
    pub fn has(&self, permission: &PermissionDef) -> bool {
        let from = self.sorted.partition_point(|(hash, _)| *hash < permission.hash);
        let same = self
            .sorted
            .iter()
            .skip(from)
            .take_while(|(hash, _)| *hash == permission.hash);
        same.into_iter().any(|(_, name)| &**name == permission.name)
    }

    /// The names, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.sorted.iter().map(|(_, name)| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::permissions! {
        /// For the tests.
        Publish = "trips:itinerary:publish", Admin, write;
    }

    #[test]
    fn names() {
        for good in ["tenant:delete", "trips:itinerary:publish", "a:b", "a_1:b2:c"] {
            assert!(is_permission_name(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a:",
            ":a",
            "a::b",
            "a:b:c:d",
            "A:b",
            "a:*",
            "*",
            "a:1",
            "a:b ",
            &"a:".repeat(40),
        ] {
            assert!(!is_permission_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_set_has_what_it_lists_and_nothing_else() {
        let set = PermissionNames::parse(["trips:itinerary:publish", "tenant:data:read", "other:thing:do"])
            .unwrap();
        assert!(set.has(&Publish::DEF) && set.has(&DataRead::DEF));
        assert!(!set.has(&DataWrite::DEF) && !set.has(&TenantDelete::DEF));
        assert!(PermissionNames::parse(["tenant:*"]).is_err());
    }
}
