//! Tenants beside each other on one disk: where their files are.

use tenancy_core::{KeyLayout, Kind, ObjectsPlacement, Tier, names};
use tenancy_storage::Listing;
use tenancy_testkit::tenant;

use crate::kit::{LAYOUTS, Member, Root, files, key};

/// Each pair of layouts, in one root.
async fn pairs() -> Vec<(Root, Member, Member)> {
    let mut pairs = Vec::new();
    for first in LAYOUTS {
        for second in LAYOUTS {
            let root = Root::new();
            let (acme, globex) = (
                root.owner("acme", first).await,
                root.owner("globex", second).await,
            );
            pairs.push((root, acme, globex));
        }
    }
    pairs
}

#[tokio::test]
async fn one_key_of_two_tenants_is_two_objects() {
    for (root, acme, globex) in pairs().await {
        acme.create("photos/1", "acme's").await.unwrap();
        globex.create("photos/1", "globex's").await.unwrap();
        assert_eq!(acme.read("photos/1").await.unwrap(), "acme's");
        assert_eq!(globex.read("photos/1").await.unwrap(), "globex's");
        for member in [&acme, &globex] {
            assert_eq!(files(&member.folder()), ["photos/1"]);
        }
        assert_eq!(files(root.path()).len(), 2);

        globex.delete("photos/1").await.unwrap();
        assert_eq!(acme.read("photos/1").await.unwrap(), "acme's");
    }
}

#[tokio::test]
async fn a_key_that_spells_another_tenants_path_stays_at_home() {
    for (_root, acme, globex) in pairs().await {
        acme.create("secret", "x").await.unwrap();
        let bucket = &acme.tenant.placement.objects.values().next().unwrap().bucket;
        let spelt = [
            format!("{}/secret", acme.tenant.id),
            format!("{bucket}/secret"),
            format!("{bucket}/{}/secret", acme.tenant.id),
        ];
        for text in &spelt {
            assert_eq!(
                globex.read(text).await.unwrap_err().kind(),
                Kind::NotFound,
                "{text}"
            );
            globex.delete(text).await.unwrap();
            globex.replace(text, "globex's").await.unwrap();
        }
        assert_eq!(acme.read("secret").await.unwrap(), "x");
        assert_eq!(files(&acme.folder()), ["secret"]);
    }
}

#[tokio::test]
async fn a_list_holds_the_tenants_own_objects_only() {
    for (_root, acme, globex) in pairs().await {
        acme.create("a", "x").await.unwrap();
        globex.create("b", "x").await.unwrap();
        // what a list by an unclosed prefix would take for acme's
        let folder = acme.folder();
        let mut neighbour = folder.file_name().unwrap().to_owned();
        neighbour.push("0");
        let neighbour = folder.with_file_name(neighbour);
        std::fs::create_dir_all(&neighbour).unwrap();
        std::fs::write(neighbour.join("c"), "x").unwrap();

        assert_eq!(acme.keys(Listing::all()).await, ["a"]);
        assert_eq!(globex.keys(Listing::all()).await, ["b"]);
        let their_folder = Listing::all().below(key(&globex.tenant.id.to_string()));
        assert!(acme.keys(their_folder).await.is_empty());
    }
}

#[tokio::test]
async fn a_store_that_the_placement_lacks_is_not_entitled() {
    let root = Root::new();
    let mut tenant = tenant("acme", Tier::Free);
    tenant.placement.objects.clear();
    let acme = root.owner_of(tenant).await;
    let errors = [
        acme.create("a", "x").await.unwrap_err(),
        acme.read("a").await.unwrap_err(),
        acme.head("a").await.unwrap_err(),
        acme.delete("a").await.unwrap_err(),
        acme.store.list(&acme.ctx, &Listing::all()).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.kind() == Kind::NotEntitled));
    assert!(files(root.path()).is_empty());
}

#[tokio::test]
async fn a_placement_that_gives_away_the_shared_bucket_serves_nothing() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::TenantPrefix).await;
    acme.create("secret", "x").await.unwrap();

    let mut record = tenant("globex", Tier::Standard);
    let whole = ObjectsPlacement {
        bucket: names::SHARED_BUCKET.parse().unwrap(),
        layout: KeyLayout::Dedicated,
    };
    record.placement.objects = [("uploads".parse().unwrap(), whole)].into();
    let globex = root.owner_of(record).await;
    let error = globex
        .read(&format!("{}/secret", acme.tenant.id))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Internal);
    assert!(error.log().unwrap().contains("tenant_prefix"));
}
