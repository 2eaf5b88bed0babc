//! The URLs of the JSON API, checked in the form that is sent.

use object_store::path::Path;
use reqwest::Url;
use tenancy_core::{Error, Result};

use crate::{ObjectKey, place::Place};

const UPLOAD: &str = "/upload/storage/v1/b/";

/// Where an object of the tenant's is.
pub(super) fn object(endpoint: &Url, place: &Place, key: &ObjectKey) -> Result<Url> {
    let path = place.path(key)?;
    Ok(at(
        endpoint,
        &format!("/storage/v1/b/{}/o/{}", place.bucket(), escaped(&path)),
    ))
}

/// Where an object is copied to another key of the same tenant.
pub(super) fn copy(endpoint: &Url, place: &Place, from: &ObjectKey, to: &ObjectKey) -> Result<Url> {
    let (from, to) = (place.path(from)?, place.path(to)?);
    let (bucket, from, to) = (place.bucket(), escaped(&from), escaped(&to));
    let path = format!("/storage/v1/b/{bucket}/o/{from}/rewriteTo/b/{bucket}/o/{to}");
    Ok(at(endpoint, &path))
}

/// The tenant's objects whose paths begin with `prefix`.
pub(super) fn list(endpoint: &Url, place: &Place, prefix: &str) -> Url {
    let mut url = at(endpoint, &format!("/storage/v1/b/{}/o", place.bucket()));
    url.query_pairs_mut().append_pair("prefix", prefix);
    url
}

/// Where an upload session for an object begins.
pub(super) fn upload(endpoint: &Url, place: &Place, key: &ObjectKey) -> Result<Url> {
    let path = place.path(key)?;
    let mut url = at(endpoint, &format!("{UPLOAD}{}/o", place.bucket()));
    url.query_pairs_mut()
        .append_pair("uploadType", "resumable")
        .append_pair("name", path.as_ref());
    Ok(url)
}

fn at(endpoint: &Url, path: &str) -> Url {
    let mut url = endpoint.clone();
    url.set_path(path);
    url
}

/// A key is made of characters that URLs leave alone, but for the slash.
fn escaped(path: &Path) -> String {
    path.as_ref().replace('/', "%2F")
}

/// Whether a URL leads to this place and no other, read back as a server reads it: the path is split at its slashes, then
/// each part is decoded. The last look before a request leaves.
pub(super) fn check(url: &Url, endpoint: &Url, place: &Place) -> Result<()> {
    let uploads = url.path().starts_with(UPLOAD);
    let parts: Option<Vec<String>> = url
        .path()
        .strip_prefix(if uploads { UPLOAD } else { "/storage/v1/b/" })
        .and_then(|rest| rest.split('/').map(decoded).collect());
    let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
    let bucket = place.bucket().as_str();
    let ours = |object: &str| object.starts_with(place.prefix()) && object.len() > place.prefix().len();
    let right = match parts.as_slice() {
        [b, "o"] if uploads => *b == bucket && uploads_within(url, place.prefix()),
        _ if uploads => false,
        [b, "o", object] => *b == bucket && ours(object),
        [b, "o", from, "rewriteTo", "b", to_bucket, "o", to] => {
            *b == bucket && *to_bucket == bucket && ours(from) && ours(to)
        }
        [b, "o"] => *b == bucket && lists_within(url, place.prefix()),
        _ => false,
    };
    if right && url.origin() == endpoint.origin() && url.fragment().is_none() {
        Ok(())
    } else {
        Err(Error::internal(
            "a request would have left the tenant's place; report it as a bug",
        ))
    }
}

/// `%2F` is the one escape that is ever sent.
fn decoded(part: &str) -> Option<String> {
    let text = part.replace("%2F", "/");
    (!text.contains('%')).then_some(text)
}

/// A session that is begun names its object; one that goes on has a name of the store's, which may repeat the object's.
fn uploads_within(url: &Url, prefix: &str) -> bool {
    let all = |wanted: &str| -> Vec<_> { url.query_pairs().filter(|(name, _)| name == wanted).collect() };
    match (all("name").as_slice(), all("upload_id").as_slice()) {
        ([(_, name)], [] | [_]) => name.starts_with(prefix) && name.len() > prefix.len(),
        ([], [_]) => true,
        _ => false,
    }
}

fn lists_within(url: &Url, prefix: &str) -> bool {
    let mut asked = url.query_pairs().filter(|(name, _)| name == "prefix");
    asked.next().is_some_and(|(_, value)| value.starts_with(prefix)) && asked.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tenancy_core::{BucketName, KeyLayout, Kind, TenantId, names};

    use super::*;

    fn endpoint() -> Url {
        "https://storage.example".parse().unwrap()
    }

    fn place(tenant: TenantId, layout: KeyLayout) -> Place {
        Place::at(tenant, &names::objects(tenant, layout).unwrap()).unwrap()
    }

    /// Texts out of the pieces that attacks are made of; some of them are keys.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            3 => "[A-Za-z0-9._-]{1,12}".boxed(),
            1 => prop::sample::select(vec![
                "..", ".", "%2e%2e", ".%2E", "\\..\\", "\t", "\n", "?", "#", "%2F", "%252F", "\u{ff0e}\u{ff0e}\u{ff0f}",
                "", "app-shared-uploads", "..b", "rewriteTo", "b", "o", "@", ":", "~", "\u{202e}", "\0", " ",
            ]).prop_map(str::to_owned).boxed(),
            1 => any::<u128>().prop_map(|bits| uuid::Uuid::from_u128(bits).to_string()).boxed(),
        ];
        prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]
        /// What leaves is the tenant's own, and would be nobody else's; what a caller can't parse never leaves.
        #[test]
        fn no_url_leads_to_another_tenant(one in text(), two in text(), dedicated in any::<bool>()) {
            let layout = if dedicated { KeyLayout::Dedicated } else { KeyLayout::TenantPrefix };
            let (tenant, other) = (TenantId::new(), TenantId::new());
            let (own, theirs) = (place(tenant, layout), place(other, layout));
            let (Ok(one), Ok(two)) = (one.parse::<ObjectKey>(), two.parse::<ObjectKey>()) else { return Ok(()) };
            let urls = [
                object(&endpoint(), &own, &one).unwrap(),
                copy(&endpoint(), &own, &one, &two).unwrap(),
                list(&endpoint(), &own, &format!("{}{one}/", own.prefix())),
                list(&endpoint(), &own, own.prefix()),
                upload(&endpoint(), &own, &two).unwrap(),
            ];
            for url in urls {
                prop_assert!(check(&url, &endpoint(), &own).is_ok(), "{url}");
                prop_assert!(check(&url, &endpoint(), &theirs).is_err(), "{url}");
                let sent = url.as_str();
                prop_assert!(!sent.contains(&other.to_string()) && sent.contains(&tenant.to_string()), "{sent}");
            }
        }
    }

    #[test]
    fn a_url_that_leads_elsewhere_does_not_leave() {
        let (tenant, other) = (TenantId::new(), TenantId::new());
        let place = place(tenant, KeyLayout::TenantPrefix);
        let bucket: BucketName = names::SHARED_BUCKET.parse().unwrap();
        let check = |tail: String, legal: bool| {
            let url: Url = format!("https://storage.example/storage/v1/b/{tail}")
                .parse()
                .unwrap();
            let said = check(&url, &endpoint(), &place).map_err(|error| error.kind());
            assert_eq!(said.err(), (!legal).then_some(Kind::Internal), "{tail}");
        };
        check(format!("{bucket}/o/{tenant}%2Fa"), true);
        check(format!("{bucket}/o/{tenant}%2F"), false);
        check(format!("{bucket}/o/{tenant}/a"), false);
        check(format!("{bucket}/o/{tenant}%2F../{other}%2Fa"), false);
        check(format!("{bucket}/o/{tenant}%2F%2e%2e%2F{other}%2Fa"), false);
        check(format!("{bucket}/o/{other}%2Fa"), false);
        check(format!("{bucket}-2/o/{tenant}%2Fa"), false);
        check(
            format!("{bucket}/o/{tenant}%2Fa/rewriteTo/b/{bucket}/o/{tenant}%2Fb"),
            true,
        );
        check(
            format!("{bucket}/o/{tenant}%2Fa/rewriteTo/b/{bucket}/o/{other}%2Fb"),
            false,
        );
        check(
            format!("{bucket}/o/{other}%2Fa/rewriteTo/b/{bucket}/o/{tenant}%2Fb"),
            false,
        );
        check(format!("{bucket}/o?prefix={tenant}%2F"), true);
        check(format!("{bucket}/o?prefix={tenant}"), false);
        check(format!("{bucket}/o?prefix={tenant}%2F&prefix="), false);
        check(format!("{bucket}/o"), false);
        check(format!("{bucket}"), false);
    }

    #[test]
    fn an_upload_that_leads_elsewhere_does_not_leave() {
        let (tenant, other) = (TenantId::new(), TenantId::new());
        let place = place(tenant, KeyLayout::TenantPrefix);
        let check = |query: String, legal: bool| {
            let url = format!(
                "https://storage.example/upload/storage/v1/b/{}/o?uploadType=resumable{query}",
                names::SHARED_BUCKET
            );
            let said = super::check(&url.parse().unwrap(), &endpoint(), &place).map_err(|error| error.kind());
            assert_eq!(said.err(), (!legal).then_some(Kind::Internal), "{query}");
        };
        check(format!("&name={tenant}%2Fa&ifGenerationMatch=0"), true);
        check("&upload_id=x".to_owned(), true);
        check(format!("&name={tenant}%2Fa&upload_id=x"), true);
        check(format!("&name={other}%2Fa&upload_id=x"), false);
        check(format!("&name={other}%2Fa"), false);
        check(format!("&name={tenant}%2Fa&name={other}%2Fa&upload_id=x"), false);
        check(format!("&name={tenant}%2Fa&upload_id=x&upload_id=y"), false);
        check(format!("&name={tenant}%2F&upload_id=x"), false);
        check(String::new(), false);
    }
}
