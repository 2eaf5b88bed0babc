//! Two tenants beside each other: each operation on what is own, another's, and nobody's.

use tenancy_core::{Error, Kind};
use tenancy_storage::{Listing, PutMode};

use super::pairs;
use crate::kit::{Member, body, key};

/// Every way to reach an object that was there before.
async fn reach(member: &Member, text: &str) -> Vec<Error> {
    vec![
        member.read(text).await.unwrap_err(),
        member.head(text).await.unwrap_err(),
        member.range(text, 0..1).await.unwrap_err(),
        member.copy(text, "stolen", PutMode::Create).await.unwrap_err(),
        member.copy(text, "stolen", PutMode::Replace).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn another_tenants_object_and_an_absent_one_have_one_body() {
    for (_root, acme, globex) in pairs().await {
        acme.create("only-acme", "x").await.unwrap();
        let absent = reach(&globex, "nobody").await;
        let bucket = &acme.tenant.placement.objects.values().next().unwrap().bucket;
        let guesses = [
            "only-acme".to_owned(),
            format!("{}/only-acme", acme.tenant.id),
            format!("{bucket}/only-acme"),
            format!("{bucket}/{}/only-acme", acme.tenant.id),
        ];
        for guess in guesses {
            for (others, absent) in reach(&globex, &guess).await.iter().zip(&absent) {
                assert_eq!(others.kind(), Kind::NotFound, "{guess}");
                assert_eq!((body(others), others.log()), (body(absent), absent.log()));
            }
        }
        assert!(globex.keys(Listing::all()).await.is_empty());
    }
}

#[tokio::test]
async fn what_one_tenant_writes_another_does_not_see() {
    for (_root, acme, globex) in pairs().await {
        acme.create("a", "acme's").await.unwrap();
        acme.create("b", "acme's").await.unwrap();
        let spelt = format!("{}/a", acme.tenant.id);
        for text in ["a", &spelt] {
            globex.delete(text).await.unwrap();
            globex.create(text, "globex's").await.unwrap();
            globex.copy(text, "b", PutMode::Replace).await.unwrap();
            globex
                .stream(text, vec![Ok("globex's".into())], PutMode::Replace)
                .await
                .unwrap();
        }
        for text in ["a", "b"] {
            assert_eq!(acme.read(text).await.unwrap(), "acme's");
            assert_eq!(globex.read(text).await.unwrap(), "globex's");
        }
        assert_eq!(acme.keys(Listing::all()).await, ["a", "b"]);
        let ids = [&acme, &globex].map(|member| Listing::all().below(key(&member.tenant.id.to_string())));
        for theirs in &ids {
            assert!(acme.keys(theirs.clone()).await.is_empty());
        }
        globex.delete("a").await.unwrap();
        assert_eq!(acme.read("a").await.unwrap(), "acme's");
    }
}
