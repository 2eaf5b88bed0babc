//! A permission as a value.

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

    pub(super) const fn platform(name: &'static str, least: Role) -> Self {
        Self {
            name,
            hash: hash(name.as_bytes()),
            least,
        }
    }

    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }

    /// Whether it is the owner's alone: no custom role, service or operator is given it.
    #[must_use]
    pub const fn is_owner_only(&self) -> bool {
        matches!(self.least, Role::Owner)
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
pub(super) const fn is_permission_name(name: &str) -> bool {
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
pub(super) const fn hash(name: &[u8]) -> u64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["tenant:delete", "trips:itinerary:publish", "a:b", "a_1:b2:c"] {
            assert!(is_permission_name(good), "{good}");
        }
        let long = "a:".repeat(40);
        for bad in [
            "", "a", "a:", ":a", "a::b", "a:b:c:d", "A:b", "a:*", "*", "a:1", "a:b ", &long,
        ] {
            assert!(!is_permission_name(bad), "{bad}");
        }
    }
}
