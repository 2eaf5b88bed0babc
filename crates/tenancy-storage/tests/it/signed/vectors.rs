//! What a service gets is byte for byte what Python's google-cloud-storage makes.

use std::time::Duration;

use serde_json::Value;
use tenancy_core::KeyLayout;
use tenancy_storage::{GetTerms, PutTerms, SignedUrl, UrlLifetime};

use super::{Signing, vectors};
use crate::kit::key;

async fn signed(case: &Value) -> SignedUrl {
    let text = |name: &str| case[name].as_str();
    let layout = match text("layout") {
        Some("dedicated") => KeyLayout::Dedicated,
        _ => KeyLayout::TenantPrefix,
    };
    let signing = Signing::new(layout, text("at").unwrap().parse().unwrap()).await;
    let signing = signing.at(text("endpoint").unwrap());
    let lifetime = Duration::from_secs(case["seconds"].as_u64().unwrap());
    let lifetime = UrlLifetime::try_from(lifetime).unwrap();
    let (store, key) = (signing.store(), key(text("key").unwrap()));
    if text("method") == Some("GET") {
        let mut terms = GetTerms::default().served_as(text("served_as").unwrap().parse().unwrap());
        if let Some(name) = text("name") {
            terms = terms.named(name.parse().unwrap());
        }
        // the default is left as it is
        if lifetime.ne(&Duration::from_secs(300).try_into().unwrap()) {
            terms = terms.lifetime(lifetime);
        }
        return store.sign_get(&signing.ctx, &key, terms).await.unwrap();
    }
    let bytes = |at: usize| case["bytes"][at].as_u64().unwrap();
    let mut terms =
        PutTerms::new(text("content_type").unwrap().parse().unwrap(), bytes(1)).at_least(bytes(0));
    if case["create"] == false {
        terms = terms.replacing();
    }
    if lifetime.ne(&Duration::from_secs(900).try_into().unwrap()) {
        terms = terms.lifetime(lifetime);
    }
    store.sign_put(&signing.permit, &key, terms).await.unwrap()
}

#[tokio::test]
async fn signed_urls_are_byte_equal_to_another_implementations() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap().iter();
    // a service can have no URL to delete, and no object whose name is no key
    let cases = cases.filter(|case| case["method"] != "DELETE" && case["raw"] != true);
    let mut seen = 0;
    for case in cases {
        let signed = signed(case).await;
        assert_eq!(signed.expose(), case["url"].as_str().unwrap(), "{}", case["what"]);
        assert_eq!(signed.method(), case["method"]);
        let headers = case["headers"].as_object().unwrap();
        assert_eq!(signed.headers().len(), headers.len());
        for (name, value) in signed.headers() {
            assert_eq!(headers[*name], *value);
        }
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}
