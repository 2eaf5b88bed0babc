//! The last look at a URL before it is given away.

use tenancy_core::{Error, Result};
use url::Url;

use super::UrlEndpoint;
use crate::{ObjectKey, place::Place};

/// The parameters that a URL of ours has; a stranger among them could change what is read.
const KNOWN: [&str; 8] = [
    "X-Goog-Algorithm",
    "X-Goog-Credential",
    "X-Goog-Date",
    "X-Goog-Expires",
    "X-Goog-Signature",
    "X-Goog-SignedHeaders",
    "response-content-disposition",
    "response-content-type",
];

/// Refuses a URL that a client would take elsewhere than to the tenant's own object.
pub(super) fn check(text: &str, endpoint: &UrlEndpoint, place: &Place, key: &ObjectKey) -> Result<()> {
    let own = format!("/{}/{}", place.bucket(), place.prefix());
    let holds = Url::parse(text).is_ok_and(|url| {
        let mut names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        url.as_str() == text
            && text
                .strip_prefix(endpoint.origin())
                .is_some_and(|rest| rest.starts_with(&own))
            && url.path().strip_prefix(&own) == Some(key.as_str())
            && url.fragment().is_none()
            && names.len() == all
            && names.iter().all(|name| KNOWN.contains(&name.as_str()))
    });
    if holds {
        return Ok(());
    }
    Err(Error::internal(
        "a signed URL does not lead to the tenant's object; report it as a bug",
    ))
}

#[cfg(test)]
mod tests {
    use tenancy_core::{KeyLayout, Placement, TenantId, names};

    use super::*;

    fn place(tenant: TenantId, layout: KeyLayout) -> Place {
        let objects = names::objects(tenant, layout).unwrap();
        let placement = Placement {
            epoch: tenancy_core::Epoch(0),
            sql: Default::default(),
            objects: [("uploads".parse().unwrap(), objects)].into(),
            documents: Default::default(),
            graph: Default::default(),
        };
        Place::of(tenant, &placement, &"uploads".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_url_that_leads_elsewhere_is_refused() {
        let (own, other) = (TenantId::new(), TenantId::new());
        let at = place(own, KeyLayout::TenantPrefix);
        let host = "https://storage.googleapis.com";
        let shared = names::SHARED_BUCKET;
        for (url, legal) in [
            (format!("{host}/{shared}/{own}/a/b?X-Goog-Date=1"), true),
            (format!("{host}/{shared}/{own}/a/b"), true),
            (format!("{host}/{shared}/{own}/a/c"), false),
            (format!("{host}/{shared}/{own}/a"), false),
            (format!("{host}/{shared}/{other}/a/b"), false),
            (format!("{host}/{shared}/{own}x/a/b"), false),
            (format!("{host}/{shared}/{own}/../{own}/a/b"), false),
            (format!("{host}/{shared}/{own}/%2e%2e/a/b"), false),
            (format!("{host}/{shared}/{own}\\a\\b"), false),
            (format!("{host}/other/{own}/a/b"), false),
            (format!("{host}.evil.example/{shared}/{own}/a/b"), false),
            (
                format!("https://x@storage.googleapis.com/{shared}/{own}/a/b"),
                false,
            ),
            (format!("http://storage.googleapis.com/{shared}/{own}/a/b"), false),
            (format!("{host}/{shared}/{own}/a/b#x"), false),
            (format!("{host}/{shared}/{own}/a/b?generation=1"), false),
            (
                format!("{host}/{shared}/{own}/a/b?X-Goog-Date=1&X-Goog-Date=2"),
                false,
            ),
            (format!("{host}/{shared}/{own}/a/b?acl"), false),
        ] {
            let checked = check(&url, &UrlEndpoint::default(), &at, &"a/b".parse().unwrap());
            assert_eq!(checked.is_ok(), legal, "{url}");
        }
    }
}
