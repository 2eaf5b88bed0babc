//! A URL does what it was signed for, and nothing else.

use jiff::{SignedDuration, Timestamp};
use tenancy_core::{KeyLayout, TenantId};
use tenancy_storage::{GetTerms, PutTerms, SignedUrl};

use super::{
    Signing,
    store::{Refusal, Sent, accepts},
};
use crate::kit::key;

fn start() -> Timestamp {
    "2031-05-06T07:08:09Z".parse().unwrap()
}

/// As an honest client sends it.
fn sent(url: &SignedUrl, bytes: u64) -> Sent {
    let headers = url
        .headers()
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    Sent {
        method: url.method().to_owned(),
        url: url.expose().to_owned(),
        headers: headers.collect(),
        bytes,
        at: start(),
        exists: url.method() == "GET",
    }
}

async fn urls() -> (Signing, SignedUrl, SignedUrl) {
    let signing = Signing::new(KeyLayout::TenantPrefix, start()).await;
    let (store, photo) = (signing.store(), key("photos/a.jpg"));
    let get = store
        .sign_get(&signing.ctx, &photo, GetTerms::default())
        .await
        .unwrap();
    let terms = PutTerms::new("image/jpeg".parse().unwrap(), 1000).at_least(10);
    let put = store.sign_put(&signing.permit, &photo, terms).await.unwrap();
    (signing, get, put)
}

type Change = fn(&mut Sent);

#[tokio::test]
async fn a_put_is_for_its_method_type_size_key_and_time() {
    let (_signing, _, put) = urls().await;
    let changes: [(&str, Change, Result<(), Refusal>); 17] = [
        ("as signed", |_| (), Ok(())),
        ("the least", |s| s.bytes = 10, Ok(())),
        ("too small", |s| s.bytes = 9, Err(Refusal::Size)),
        ("the most", |s| s.bytes = 1000, Ok(())),
        ("too large", |s| s.bytes = 1001, Err(Refusal::Size)),
        (
            "another method",
            |s| s.method = "GET".into(),
            Err(Refusal::Signature),
        ),
        (
            "a deletion",
            |s| s.method = "DELETE".into(),
            Err(Refusal::Signature),
        ),
        (
            "another type",
            |s| s.headers[0].1 = "text/html".into(),
            Err(Refusal::Signature),
        ),
        ("no type", |s| drop(s.headers.remove(0)), Err(Refusal::Signature)),
        (
            "a wider range",
            |s| s.headers[1].1 = "0,9999".into(),
            Err(Refusal::Signature),
        ),
        ("no range", |s| drop(s.headers.remove(1)), Err(Refusal::Signature)),
        (
            "a replacement",
            |s| drop(s.headers.remove(2)),
            Err(Refusal::Signature),
        ),
        ("taken", |s| s.exists = true, Err(Refusal::Exists)),
        (
            "an access list",
            |s| s.headers.push(("x-goog-acl".into(), "public-read".into())),
            Err(Refusal::Signature),
        ),
        (
            "another key",
            |s| s.url = s.url.replace("a.jpg", "b.jpg"),
            Err(Refusal::Signature),
        ),
        (
            "the last second",
            |s| s.at += SignedDuration::from_secs(899),
            Ok(()),
        ),
        (
            "late",
            |s| s.at += SignedDuration::from_secs(900),
            Err(Refusal::Expired),
        ),
    ];
    for (what, change, expect) in changes {
        let mut request = sent(&put, 100);
        change(&mut request);
        assert_eq!(accepts(&request), expect, "{what}");
    }
}

#[tokio::test]
async fn a_get_is_for_its_tenant_name_type_and_time() {
    let (signing, get, _) = urls().await;
    let (own, other) = (signing.record.id.to_string(), TenantId::new().to_string());
    let replaced = |from: &str, to: &str| {
        let mut request = sent(&get, 0);
        assert!(request.url.contains(from), "{from}");
        request.url = request.url.replace(from, to);
        request
    };
    for changed in [
        replaced(&own, &other),
        replaced("photos/a.jpg", "photos/b.jpg"),
        replaced(&format!("{own}/photos"), &format!("{own}/../{other}")),
        replaced("app-shared-uploads", "another-bucket"),
        replaced("https://storage", "https://evil"),
        replaced("Expires=300", "Expires=604800"),
        replaced("disposition=attachment", "disposition=inline"),
        replaced("octet-stream", "xhtml%2Bxml"),
        replaced("response-content-type", "response-cache-control"),
        replaced("?", "?generation=1&"),
        replaced("20310506T070809Z", "20310507T070809Z"),
    ] {
        assert_eq!(accepts(&changed), Err(Refusal::Signature), "{}", changed.url);
    }
    let mut request = sent(&get, 0);
    assert_eq!(accepts(&request), Ok(()));
    request.at = get.expires_at() - SignedDuration::from_secs(1);
    assert_eq!(accepts(&request), Ok(()));
    request.at = get.expires_at();
    assert_eq!(accepts(&request), Err(Refusal::Expired));
}

#[tokio::test]
async fn a_url_is_in_no_debug_output() {
    let (signing, get, put) = urls().await;
    let terms = GetTerms::default().named("Lovely trip.pdf".parse().unwrap());
    let shown = format!(
        "{get:?} {put:?} {:?} {:?} {terms:?}",
        signing.signer,
        signing.store()
    );
    for secret in [
        "X-Goog-Signature",
        "https://storage.googleapis.com/",
        "photos",
        "PRIVATE",
        "Lovely",
    ] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}
