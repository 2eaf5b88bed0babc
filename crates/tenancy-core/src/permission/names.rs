//! A set of permission names.

use super::{
    PermissionDef,
    def::{hash, is_permission_name},
};

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
        self.find(permission.hash(), permission.name())
    }

    /// Whether the set has the permission of this name, known or not.
    #[must_use]
    pub fn lists(&self, name: &str) -> bool {
        self.find(hash(name.as_bytes()), name)
    }

    fn find(&self, wanted: u64, text: &str) -> bool {
        let from = self.sorted.partition_point(|(hash, _)| *hash < wanted);
        let same = self.sorted.iter().skip(from);
        same.take_while(|(hash, _)| *hash == wanted)
            .any(|(_, name)| &**name == text)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The names, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.sorted.iter().map(|(_, name)| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DataRead, DataWrite, Permission, TenantDelete};

    crate::permissions! {
        /// For the tests.
        Publish = "trips:itinerary:publish", Admin, write;
    }

    #[test]
    fn a_set_has_what_it_lists_and_nothing_else() {
        let set = PermissionNames::parse(["trips:itinerary:publish", "tenant:data:read", "other:thing:do"])
            .unwrap();
        assert!(set.has(&Publish::DEF) && set.has(&DataRead::DEF));
        assert!(!set.has(&DataWrite::DEF) && !set.has(&TenantDelete::DEF));
        assert!(set.lists("other:thing:do") && !set.lists("other:thing"));
        assert!(PermissionNames::parse(["tenant:*"]).is_err());
    }
}
