//! Places, and a hundred thousand hostile ids.

use proptest::{prelude::*, test_runner::Config};
use tenancy_core::{Epoch, Kind};

use super::*;
use crate::{CollectionId, DocumentId};

fn placement(place: Option<DocumentsPlacement>) -> Placement {
    Placement {
        epoch: Epoch(0),
        sql: Default::default(),
        objects: Default::default(),
        documents: place
            .map(|place| ("live".parse().unwrap(), place))
            .into_iter()
            .collect(),
        graph: Default::default(),
    }
}

fn at(tenant: TenantId, slug: &str, place: DocumentsPlacement) -> Result<Place> {
    let (slug, store) = (slug.parse().unwrap(), "live".parse().unwrap());
    Place::decide(tenant, &slug, &placement(Some(place)), &store)
}

fn by_default(tenant: TenantId, slug: &str, layout: DocumentLayout) -> Place {
    let project = "demo-tenancy".parse().unwrap();
    let place = names::documents(&slug.parse().unwrap(), &project, layout).unwrap();
    at(tenant, slug, place).unwrap()
}

const LAYOUTS: [DocumentLayout; 3] = [
    DocumentLayout::TenantRoot,
    DocumentLayout::CollectionRoot,
    DocumentLayout::Dedicated,
];

/// What attacks are made of, and another tenant's id.
fn hostile(other: TenantId) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[A-Za-z0-9._-]{1,12}".boxed(),
        1 => any::<String>().boxed(),
        3 => prop::sample::select(vec![
            "..", ".", "/", "//", "../", "%2e%2e", "%2F", "\\", "\0", "\n", " ", "\u{ff0e}\u{ff0e}", "\u{202e}", "\u{200f}",
            "tenants", "documents", "projects", "databases", "(default)", "globex-firestore", "__x__", "__name__", "", "*",
            "tenants/", "?", "#", ":", "cafe\u{301}", "~",
        ]).prop_map(str::to_owned).boxed(),
        1 => Just(other.to_string()).boxed(),
        1 => Just(format!("tenants/{other}/trips/x")).boxed(),
        1 => Just(format!("projects/demo-tenancy/databases/(default)/documents/tenants/{other}/trips/x")).boxed(),
    ];
    prop::collection::vec(piece, 1..7).prop_map(|pieces| pieces.concat())
}

/// Whether a name, read as a file system or a URL parser might, reaches another tenant's part.
fn names_another(sent: &str, other: TenantId) -> bool {
    let other = other.to_string();
    let root = "projects/demo-tenancy/databases/(default)/documents/";
    let below: Vec<&str> = sent.strip_prefix(root).unwrap_or_default().split('/').collect();
    let tenant_root = below.starts_with(&["tenants", &other]);
    let collection_root = below.get(1) == Some(&other.as_str());
    let database = sent.starts_with("projects/demo-tenancy/databases/globex-firestore");
    let project = !sent.starts_with("projects/demo-tenancy/");
    let rewritten = sent.split('/').any(|segment| matches!(segment, "" | "." | ".."))
        || sent
            .bytes()
            .any(|b| !b.is_ascii_graphic() || matches!(b, b'%' | b'\\' | b'?' | b'#' | b':'));
    tenant_root || collection_root || database || project || rewritten
}

#[test]
fn a_hundred_thousand_hostile_ids_name_no_other_tenant() {
    let (tenant, other) = (TenantId::new(), TenantId::new());
    let places = LAYOUTS.map(|layout| by_default(tenant, "acme", layout));
    let config = Config {
        cases: 100_000,
        failure_persistence: None,
        ..Config::default()
    };
    let legal = std::cell::Cell::new(0_u32);
    proptest!(config, |(text in hostile(other), below in hostile(other))| {
        let path: Option<DocumentPath> = text.parse().ok();
        let ids = text.parse::<DocumentId>().ok().zip(below.parse::<CollectionId>().ok());
        let made = ids.and_then(|(id, below)| {
            let trips: CollectionPath = "trips".parse::<CollectionId>().unwrap().into();
            trips.document(&id).ok()?.collection(&below).ok()?.document(&id).ok()
        });
        for path in path.into_iter().chain(made) {
            legal.set(legal.get() + 1);
            for place in &places {
                let sent = place.name(&path).unwrap();
                // where the whole database is the tenant's, another's id is a word like any other
                let shared = place.layout != DocumentLayout::Dedicated;
                prop_assert!(!names_another(&sent, other), "{sent}");
                prop_assert!(place.holds(&sent) && (!shared || sent.contains(&tenant.to_string())));
                prop_assert_eq!(&place.logical(&sent).unwrap(), &path);
            }
        }
        // and what is no path is refused as a name, in whatever layout
        for place in &places {
            let sent = format!("{}/documents/{text}", place.database());
            let own = place.layout == DocumentLayout::Dedicated || text.contains(&tenant.to_string());
            prop_assert!(own || !place.holds(&sent), "{sent}");
            prop_assert!(!place.holds(&text));
        }
    });
    assert!(
        legal.get() > 1_000,
        "only {} of the cases were paths",
        legal.get()
    );
}

proptest! {
    #[test]
    fn two_documents_never_share_a_name(
        layouts in (0..3_usize, 0..3_usize),
        ids in ("[a-c]{1,2}", "[a-c]{1,2}"),
        same in any::<bool>(),
    ) {
        let first = TenantId::new();
        let (second, slug) = if same { (first, "acme") } else { (TenantId::new(), "globex") };
        let paths: [DocumentPath; 2] = [format!("trips/{}", ids.0), format!("trips/{}", ids.1)].map(|text| text.parse().unwrap());
        let places = (by_default(first, "acme", LAYOUTS[layouts.0]), by_default(second, slug, LAYOUTS[layouts.1]));
        let meet = places.0.name(&paths[0]).unwrap() == places.1.name(&paths[1]).unwrap();
        prop_assert_eq!(meet, same && layouts.0 == layouts.1 && ids.0 == ids.1);
    }
}

#[test]
fn each_layout_has_its_form() {
    let tenant = TenantId::new();
    let deep: DocumentPath = "trips/a/days/1".parse().unwrap();
    let top: CollectionPath = "trips".parse().unwrap();
    for (layout, name, parent, id) in [
        (
            LAYOUTS[0],
            format!("(default)/documents/tenants/{tenant}/trips/a/days/1"),
            format!("(default)/documents/tenants/{tenant}"),
            "trips",
        ),
        (
            LAYOUTS[1],
            format!("(default)/documents/trips/{tenant}/documents/a/days/1"),
            format!("(default)/documents/trips/{tenant}"),
            "documents",
        ),
        (
            LAYOUTS[2],
            "acme-firestore/documents/trips/a/days/1".to_owned(),
            "acme-firestore/documents".to_owned(),
            "trips",
        ),
    ] {
        let place = by_default(tenant, "acme", layout);
        let prefix = "projects/demo-tenancy/databases/";
        assert_eq!(place.name(&deep).unwrap(), format!("{prefix}{name}"));
        let collection = place.collection(&top).unwrap();
        assert_eq!(
            (collection.parent, collection.id.as_str()),
            (format!("{prefix}{parent}"), id)
        );
    }
}

#[test]
fn a_group_stays_between_the_tenants_names() {
    let tenant = TenantId::new();
    let group = |layout| by_default(tenant, "acme", layout).group();
    let shared = group(LAYOUTS[0]).unwrap();
    let (first, beyond) = shared.bounds.unwrap();
    assert_eq!(first, format!("{}/tenants/{tenant}", shared.parent));
    assert_eq!(beyond, format!("{first}\0"));
    assert_eq!(group(LAYOUTS[2]).unwrap().bounds, None);
    assert_eq!(group(LAYOUTS[1]).unwrap_err().kind(), Kind::Internal);
}

#[test]
fn what_the_database_answers_of_another_is_refused() {
    let (tenant, other) = (TenantId::new(), TenantId::new());
    let path: DocumentPath = "trips/a".parse().unwrap();
    for own in LAYOUTS {
        for layout in LAYOUTS {
            let theirs = by_default(other, "globex", layout).name(&path).unwrap();
            let place = by_default(tenant, "acme", own);
            assert!(
                place.logical(&theirs).is_err() && !place.holds(&theirs),
                "{own:?} {layout:?}"
            );
        }
    }
}

#[test]
fn a_placement_that_reaches_other_tenants_is_refused() {
    let tenant = TenantId::new();
    for (database, layout, legal) in [
        ("(default)", DocumentLayout::TenantRoot, true),
        ("(default)", DocumentLayout::CollectionRoot, true),
        ("(default)", DocumentLayout::Dedicated, false),
        ("acme-firestore", DocumentLayout::Dedicated, true),
        ("globex-firestore", DocumentLayout::Dedicated, false),
        ("globex-firestore", DocumentLayout::TenantRoot, false),
        ("shared-eu", DocumentLayout::TenantRoot, true),
        ("shared-eu", DocumentLayout::Dedicated, false),
    ] {
        let project = "demo-tenancy".parse().unwrap();
        let place = DocumentsPlacement {
            project,
            database: database.parse().unwrap(),
            layout,
        };
        let kind = at(tenant, "acme", place).err().map(|error| error.kind());
        assert_eq!(kind, (!legal).then_some(Kind::Internal), "{database} {layout:?}");
    }
}

#[test]
fn a_store_that_the_placement_lacks_is_not_entitled() {
    let (slug, store) = ("acme".parse().unwrap(), "live".parse().unwrap());
    let error = Place::decide(TenantId::new(), &slug, &placement(None), &store).unwrap_err();
    assert_eq!(error.kind(), Kind::NotEntitled);
}
