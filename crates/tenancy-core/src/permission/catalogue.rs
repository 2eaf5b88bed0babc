//! Every permission that there is on a platform.

use std::collections::BTreeMap;

use super::{PLATFORM, PermissionDef};
use crate::Role;

/// Every permission that there is: the platform's and the applications'. Who defines a custom role checks its names here.
///
/// ```
/// use tenancy_core::{Permission, PermissionCatalogue};
///
/// tenancy_core::permissions! {
///     /// Makes an itinerary public.
///     pub PublishItinerary = "trips:itinerary:publish", Admin, write;
/// }
/// let catalogue = PermissionCatalogue::new([PublishItinerary::DEF])?;
/// assert!(catalogue.get("trips:itinerary:publish").is_some());
/// # Ok::<(), tenancy_core::PermissionClash>(())
/// ```
#[derive(Clone, Debug)]
pub struct PermissionCatalogue {
    by_name: BTreeMap<&'static str, PermissionDef>,
}

/// Two applications mean different things by one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the permission `{name}` is defined for `{one}` and for `{other}`; name one of them differently")]
pub struct PermissionClash {
    name: &'static str,
    one: Role,
    other: Role,
}

impl PermissionCatalogue {
    /// The platform's permissions and these. One that is defined twice, for the same role, counts once.
    ///
    /// # Errors
    ///
    /// When one name is defined for two roles.
    pub fn new(applications: impl IntoIterator<Item = PermissionDef>) -> Result<Self, PermissionClash> {
        let mut by_name = BTreeMap::new();
        for def in PLATFORM.iter().copied().chain(applications) {
            if let Some(known) = by_name.insert(def.name(), def)
                && known != def
            {
                return Err(PermissionClash {
                    name: def.name(),
                    one: known.least_role(),
                    other: def.least_role(),
                });
            }
        }
        Ok(Self { by_name })
    }

    /// The permission of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&PermissionDef> {
        self.by_name.get(name)
    }

    /// Every permission, by name.
    pub fn iter(&self) -> impl Iterator<Item = &PermissionDef> {
        self.by_name.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISH: PermissionDef = PermissionDef::new("trips:itinerary:publish", Role::Admin);

    #[test]
    fn one_name_means_one_thing() {
        let catalogue = PermissionCatalogue::new([PUBLISH, PUBLISH]).unwrap();
        assert_eq!(catalogue.iter().count(), PLATFORM.len() + 1);
        assert_eq!(catalogue.get("trips:itinerary:publish"), Some(&PUBLISH));
        assert_eq!(catalogue.get("trips:itinerary"), None);
        let other = PermissionDef::new("trips:itinerary:publish", Role::Member);
        let clash = PermissionCatalogue::new([PUBLISH, other]).unwrap_err();
        assert!(clash.to_string().contains("`admin` and for `member`"), "{clash}");
    }
}
