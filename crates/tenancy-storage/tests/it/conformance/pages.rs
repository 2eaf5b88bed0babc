//! Pages of one tenant's objects.

use tenancy_storage::Listing;

use super::owners;
use crate::kit::key;

/// In the order of their bytes, which is not the order of their folders.
const SORTED: [&str; 8] = ["a-b", "a.b", "a/1", "a/2/x", "a/3", "a0", "b", "photos/1"];

#[tokio::test]
async fn pages_hold_every_object_once_in_order() {
    for (_root, acme) in owners().await {
        for text in SORTED.iter().rev() {
            acme.create(text, "x").await.unwrap();
        }
        for limit in [1, 2, 3, 7, 8, 9] {
            let mut listing = Listing::all().limit(limit);
            let mut seen = Vec::new();
            loop {
                let page = acme.store.list(&acme.ctx, &listing).await.unwrap();
                assert!(page.objects.len() <= limit);
                seen.extend(page.objects.into_iter().map(|object| String::from(object.key)));
                let Some(next) = page.next else { break };
                listing = listing.after(next);
            }
            assert_eq!(seen, SORTED, "limit {limit}");
        }
    }
}

#[tokio::test]
async fn a_folder_ends_at_its_slash() {
    for (_root, acme) in owners().await {
        for text in SORTED {
            acme.create(text, "x").await.unwrap();
        }
        let below = |text: &str| Listing::all().below(key(text));
        assert_eq!(acme.keys(below("a")).await, ["a/1", "a/2/x", "a/3"]);
        assert_eq!(acme.keys(below("a").after(key("a/1"))).await, ["a/2/x", "a/3"]);
        assert_eq!(acme.keys(below("a").after(key("b"))).await, Vec::<String>::new());
        assert_eq!(acme.keys(below("a/2")).await, ["a/2/x"]);
        for none in ["b", "absent", "a/1/x"] {
            assert!(acme.keys(below(none)).await.is_empty(), "{none}");
        }
    }
}

#[tokio::test]
async fn a_listed_object_is_the_one_that_was_put() {
    for (_root, acme) in owners().await {
        assert!(acme.keys(Listing::all()).await.is_empty());
        let made = acme.create("a/b", "content").await.unwrap();
        let page = acme.store.list(&acme.ctx, &Listing::all()).await.unwrap();
        assert_eq!((page.objects, page.next), (vec![made], None));
    }
}

#[tokio::test]
async fn limits_are_clamped() {
    for (_root, acme) in owners().await {
        acme.create("a", "x").await.unwrap();
        acme.create("b", "x").await.unwrap();
        assert_eq!(acme.keys(Listing::all().limit(0)).await, ["a"]);
        assert_eq!(acme.keys(Listing::all().limit(usize::MAX)).await, ["a", "b"]);
    }
}
