//! Where a tenant's objects physically are. Pure: decides, touches nothing.

use object_store::path::Path;
use tenancy_core::{
    BucketName, Error, KeyLayout, ObjectsPlacement, Placement, Result, StoreName, TenantId, names,
};

use crate::ObjectKey;

/// What object stores allow, prefix included.
const MAX_PATH: usize = 1024;

/// One tenant's part of one bucket. The placement alone says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    bucket: BucketName,
    /// Empty, or with its closing slash: without it, `tenant1` would be a prefix of `tenant10/…`.
    prefix: String,
}

impl Place {
    /// Where the placement of `tenant` has `store`.
    pub(crate) fn of(tenant: TenantId, placement: &Placement, store: &StoreName) -> Result<Self> {
        let place = placement
            .objects
            .get(store)
            .ok_or_else(|| Error::not_entitled(&format!("objects.{store}"), None))?;
        Self::at(tenant, place)
    }

    /// The tenant's part of a bucket, when it may have one there.
    pub(crate) fn at(tenant: TenantId, place: &ObjectsPlacement) -> Result<Self> {
        check_bucket(tenant, &place.bucket, place.layout)?;
        let prefix = match place.layout {
            KeyLayout::TenantPrefix => names::object_prefix(tenant),
            KeyLayout::Dedicated => String::new(),
        };
        Ok(Self {
            bucket: place.bucket.clone(),
            prefix,
        })
    }

    pub(crate) fn bucket(&self) -> &BucketName {
        &self.bucket
    }

    /// The tenant's prefix in the bucket: empty, or with its closing slash.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The object's path in the bucket, checked once more in the form that the driver gets.
    pub(crate) fn path(&self, key: &ObjectKey) -> Result<Path> {
        let text = format!("{}{key}", self.prefix);
        let path = Path::parse(&text)
            .map_err(|_| Error::internal("the driver refuses an object's path; report it as a bug"))?;
        let kept = path.as_ref() == text && text.starts_with(&self.prefix);
        if kept && text.len() > self.prefix.len() && text.len() <= MAX_PATH {
            Ok(path)
        } else {
            Err(Error::internal(
                "an object's path is not the tenant's; report it as a bug",
            ))
        }
    }
}

/// Refuses a placement that would give a tenant the whole of a shared bucket, or a bucket named for another tenant.
fn check_bucket(tenant: TenantId, bucket: &BucketName, layout: KeyLayout) -> Result<()> {
    let name = bucket.as_str();
    if layout == KeyLayout::Dedicated && name == names::SHARED_BUCKET {
        return Err(Error::internal(
            "the placement gives the tenant the whole shared bucket; its layout must be `tenant_prefix`",
        ));
    }
    let named_for = name.get(..36).and_then(|id| id.parse::<TenantId>().ok());
    match named_for {
        Some(other) if other != tenant => Err(Error::internal(
            "the placement names another tenant's bucket; correct it in the registry",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tenancy_core::{Epoch, Kind};
    use url::Url;

    use super::*;

    fn placement(place: Option<ObjectsPlacement>) -> Placement {
        let objects: BTreeMap<StoreName, _> = place
            .map(|place| ("uploads".parse().unwrap(), place))
            .into_iter()
            .collect();
        Placement {
            epoch: Epoch(0),
            sql: BTreeMap::new(),
            objects,
            documents: Default::default(),
            graph: Default::default(),
        }
    }

    fn at(tenant: TenantId, place: ObjectsPlacement) -> Result<Place> {
        Place::of(tenant, &placement(Some(place)), &"uploads".parse().unwrap())
    }

    fn by_default(tenant: TenantId, layout: KeyLayout) -> Place {
        at(tenant, names::objects(tenant, layout).unwrap()).unwrap()
    }

    fn layout() -> impl Strategy<Value = KeyLayout> {
        prop_oneof![Just(KeyLayout::TenantPrefix), Just(KeyLayout::Dedicated)]
    }

    /// Texts out of the pieces that attacks are made of; most are refused, and what is left must be harmless.
    fn key() -> impl Strategy<Value = ObjectKey> {
        let piece = prop_oneof![
            4 => "[A-Za-z0-9._-]{1,12}".boxed(),
            1 => prop::sample::select(vec![
                "..", ".", "%2e%2e", ".%2E", "\\..\\", "\t", "\n", "?", "#", "%2F", "\u{ff0e}\u{ff0e}\u{ff0f}", "",
                "app-shared-uploads", "...", "..b", "b..", "-", "~",
            ]).prop_map(str::to_owned).boxed(),
            1 => any::<u128>().prop_map(|_| TenantId::new().to_string()).boxed(),
        ];
        prop::collection::vec(piece, 1..8)
            .prop_map(|pieces| pieces.join("/"))
            .prop_filter_map("a key", |text| text.parse().ok())
    }

    /// What a URL parser makes of the path, which is what an HTTP client would send.
    fn sent(place: &Place, path: &Path) -> String {
        let url = format!("https://storage.example/{}/{path}", place.bucket());
        Url::parse(&url).unwrap().path().to_owned()
    }

    proptest! {
        #[test]
        fn a_path_is_the_tenants_after_url_normalisation(layout in layout(), key in key()) {
            let (tenant, other) = (TenantId::new(), TenantId::new());
            let place = by_default(tenant, layout);
            let path = place.path(&key).unwrap();
            let sent = sent(&place, &path);
            let own = match layout {
                KeyLayout::TenantPrefix => format!("/{}/{tenant}/", names::SHARED_BUCKET),
                KeyLayout::Dedicated => format!("/{}/", names::bucket(tenant)),
            };
            prop_assert_eq!(&sent, &format!("{own}{}", key.as_str()));
            for theirs in [KeyLayout::TenantPrefix, KeyLayout::Dedicated] {
                let theirs = by_default(other, theirs);
                let theirs = format!("/{}/{}", theirs.bucket(), theirs.prefix());
                prop_assert!(!sent.starts_with(&theirs));
            }
        }

        #[test]
        fn two_objects_never_share_a_path(
            layouts in (layout(), layout()),
            keys in (key(), key()),
            same in (any::<bool>(), any::<bool>()),
        ) {
            let first = TenantId::new();
            let second = if same.0 { first } else { TenantId::new() };
            let keys = if same.1 { (keys.0.clone(), keys.0) } else { keys };
            let places = (by_default(first, layouts.0), by_default(second, layouts.1));
            let paths = (places.0.path(&keys.0).unwrap(), places.1.path(&keys.1).unwrap());
            let meet = sent(&places.0, &paths.0) == sent(&places.1, &paths.1);
            prop_assert_eq!(meet, first == second && layouts.0 == layouts.1 && keys.0 == keys.1);
        }
    }

    #[test]
    fn the_longest_key_fits_behind_a_prefix() {
        let key = [
            "k".repeat(200),
            "k".repeat(200),
            "k".repeat(200),
            "k".repeat(200),
            "k".repeat(96),
        ]
        .join("/");
        assert_eq!(key.len(), 900);
        let key = key.parse().unwrap();
        for layout in [KeyLayout::TenantPrefix, KeyLayout::Dedicated] {
            assert!(by_default(TenantId::new(), layout).path(&key).is_ok());
        }
    }

    #[test]
    fn a_store_that_the_placement_lacks_is_not_entitled() {
        let error = Place::of(TenantId::new(), &placement(None), &"uploads".parse().unwrap()).unwrap_err();
        assert_eq!(error.kind(), Kind::NotEntitled);
    }

    #[test]
    fn a_placement_that_reaches_other_tenants_is_refused() {
        let (tenant, other) = (TenantId::new(), TenantId::new());
        let bucket = |name: &str| name.parse::<BucketName>().unwrap();
        for (bucket, layout, legal) in [
            (bucket(names::SHARED_BUCKET), KeyLayout::TenantPrefix, true),
            (bucket(names::SHARED_BUCKET), KeyLayout::Dedicated, false),
            (bucket(&names::bucket(tenant)), KeyLayout::Dedicated, true),
            (bucket(&names::bucket(other)), KeyLayout::Dedicated, false),
            (bucket(&names::bucket(other)), KeyLayout::TenantPrefix, false),
            (bucket("acme-project-media"), KeyLayout::Dedicated, true),
        ] {
            let name = bucket.to_string();
            let place = at(tenant, ObjectsPlacement { bucket, layout });
            assert_eq!(
                place.map_err(|e| e.kind()).err(),
                (!legal).then_some(Kind::Internal),
                "{name} {layout:?}"
            );
        }
    }
}
