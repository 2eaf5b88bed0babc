//! What has no content, by the JSON API.

use std::time::Duration;

use bytes::Bytes;
use google_cloud_auth::credentials::CacheableResource;
use reqwest::{
    Method, Response, Url,
    header::{CONTENT_LENGTH, HeaderMap},
    redirect::Policy,
};
use serde::Deserialize;
use tenancy_core::{Error, Result};

use super::{Buckets, address, failure::Failure, meta, session::of_success};
use crate::{Listing, ObjectKey, ObjectMeta, Page, PutMode, place::Place};

const CONNECT: Duration = Duration::from_secs(5);
/// More than any call's deadline should be; a call's own deadline ends it first.
const LONGEST: Duration = Duration::from_secs(300);
/// The most that the store gives at a time.
const STORES_LIMIT: usize = 1000;
const OBJECT: &str = "name,size,generation";
const OBJECTS: &str = "items(name,size,generation),nextPageToken";

pub(super) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(LONGEST)
        .redirect(Policy::none())
        .build()
}

#[derive(Deserialize)]
pub(super) struct Found {
    name: String,
    size: String,
    generation: String,
}

impl Found {
    /// `None` for numbers that are none.
    pub(super) fn meta(&self, key: &ObjectKey) -> Option<ObjectMeta> {
        Some(meta(key, self.size.parse().ok()?, self.generation.parse().ok()?))
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FoundPage {
    items: Vec<Found>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rewritten {
    done: bool,
    rewrite_token: Option<String>,
}

impl Buckets {
    pub(super) async fn look(&self, place: &Place, key: &ObjectKey) -> Result<ObjectMeta> {
        let mut url = address::object(&self.endpoint, place, key)?;
        url.query_pairs_mut().append_pair("fields", OBJECT);
        let found: Found = read(self.call(Method::GET, url, place).await?).await?;
        found.meta(key).ok_or_else(nonsense)
    }

    pub(super) async fn remove(&self, place: &Place, key: &ObjectKey) -> Result<()> {
        let url = address::object(&self.endpoint, place, key)?;
        match self.send(Method::DELETE, url, place).await? {
            Ok(_) | Err(Failure::Absent) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Within the store: a large object takes several calls, and is there after the last one.
    pub(super) async fn rewrite(
        &self,
        place: &Place,
        from: &ObjectKey,
        to: &ObjectKey,
        mode: PutMode,
    ) -> Result<()> {
        let mut base = address::copy(&self.endpoint, place, from, to)?;
        base.query_pairs_mut().append_pair("fields", "done,rewriteToken");
        if mode == PutMode::Create {
            base.query_pairs_mut().append_pair("ifGenerationMatch", "0");
        }
        let mut url = base.clone();
        loop {
            let said: Rewritten = read(self.call(Method::POST, url, place).await?).await?;
            match said.rewrite_token {
                _ if said.done => return Ok(()),
                None => return Err(nonsense()),
                Some(token) => {
                    url = base.clone();
                    url.query_pairs_mut().append_pair("rewriteToken", &token);
                }
            }
        }
    }

    pub(super) async fn page(&self, place: &Place, listing: &Listing) -> Result<Page> {
        let below = listing
            .folder
            .as_ref()
            .map_or_else(String::new, |folder| format!("{folder}/"));
        let base = address::list(&self.endpoint, place, &format!("{}{below}", place.prefix()));
        let mut objects = Vec::new();
        let mut token = None;
        loop {
            let url = self.page_url(base.clone(), place, listing, token.as_deref());
            let answer = self.send(Method::GET, url, place).await?;
            let page: FoundPage = read(answer.map_err(Failure::of_bucket)?).await?;
            for found in &page.items {
                objects.extend(theirs(found, place, listing)?);
            }
            token = page.next_page_token.filter(|token| !token.is_empty());
            if objects.len() > listing.limit || token.is_none() {
                break;
            }
        }
        let more = objects.len() > listing.limit;
        objects.truncate(listing.limit);
        let next = objects.last().filter(|_| more).map(|last| last.key.clone());
        Ok(Page { objects, next })
    }

    fn page_url(&self, mut url: Url, place: &Place, listing: &Listing, token: Option<&str>) -> Url {
        // one more than a page says whether another follows; and the store begins with the cursor itself
        let most = (listing.limit + 2).min(STORES_LIMIT).to_string();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("fields", OBJECTS)
            .append_pair("maxResults", &most);
        if let Some(after) = &listing.after {
            query.append_pair("startOffset", &format!("{}{after}", place.prefix()));
        }
        if let Some(token) = token {
            query.append_pair("pageToken", token);
        }
        drop(query);
        url
    }

    async fn call(&self, method: Method, url: Url, place: &Place) -> Result<Response> {
        Ok(self.send(method, url, place).await??)
    }

    async fn send(&self, method: Method, url: Url, place: &Place) -> Result<Result<Response, Failure>> {
        let sent = self.exchange(method, url, place, HeaderMap::new(), Bytes::new());
        Ok(sent.await?.and_then(of_success))
    }

    /// The one door: looks at the URL that is really sent, and sends it once.
    pub(super) async fn exchange(
        &self,
        method: Method,
        url: Url,
        place: &Place,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Result<Response, Failure>> {
        match self.credentials.headers(http::Extensions::new()).await {
            Ok(CacheableResource::New { data, .. }) => headers.extend(data),
            Ok(CacheableResource::NotModified) => {}
            Err(_) => return Ok(Err(Failure::Refused(None))),
        }
        headers.insert(CONTENT_LENGTH, body.len().into());
        let Ok(request) = self.http.request(method, url).headers(headers).body(body).build() else {
            return Ok(Err(Failure::Refused(None)));
        };
        address::check(request.url(), &self.endpoint, place)?;
        Ok(self.http.execute(request).await.map_err(Failure::from))
    }
}

/// An object of a page, when it is one that a key can name and comes after the cursor.
fn theirs(found: &Found, place: &Place, listing: &Listing) -> Result<Option<ObjectMeta>> {
    let Some(name) = found.name.strip_prefix(place.prefix()) else {
        return Err(nonsense());
    };
    let Ok(key) = name.parse::<ObjectKey>() else {
        return Ok(None);
    };
    if listing.after.as_ref().is_some_and(|after| key <= *after) {
        return Ok(None);
    }
    found.meta(&key).map(Some).ok_or_else(nonsense)
}

pub(super) async fn read<T: serde::de::DeserializeOwned>(answer: Response) -> Result<T> {
    let text = answer
        .bytes()
        .await
        .map_err(|error| Error::from(Failure::from(error)))?;
    serde_json::from_slice(&text).map_err(|_| nonsense())
}

pub(super) fn nonsense() -> Error {
    Error::unavailable("the object store answered with something that is no answer")
}

#[cfg(test)]
mod tests {
    use tenancy_core::{KeyLayout, Kind, TenantId, names};

    use super::*;

    /// What a name in the store's answer is taken for.
    fn check(name: String, place: &Place, expect: Result<Option<&str>, Kind>) {
        let found = Found {
            name: name.clone(),
            size: "1".to_owned(),
            generation: "1".to_owned(),
        };
        let said = theirs(&found, place, &Listing::all());
        let said = said
            .map(|meta| meta.map(|meta| meta.key.to_string()))
            .map_err(|error| error.kind());
        assert_eq!(said, expect.map(|key| key.map(str::to_owned)), "{name}");
    }

    #[test]
    fn a_listing_that_names_anothers_object_is_refused_whole() {
        let (tenant, other) = (TenantId::new(), TenantId::new());
        let at = |layout| Place::at(tenant, &names::objects(tenant, layout).unwrap()).unwrap();
        let shared = at(KeyLayout::TenantPrefix);
        check(format!("{tenant}/a/b"), &shared, Ok(Some("a/b")));
        check(format!("{other}/a/b"), &shared, Err(Kind::Unavailable));
        check("a/b".to_owned(), &shared, Err(Kind::Unavailable));
        check(format!("{tenant}"), &shared, Err(Kind::Unavailable));
        check(format!("{tenant}/a#b"), &shared, Ok(None));
        check("a/b".to_owned(), &at(KeyLayout::Dedicated), Ok(Some("a/b")));
    }
}
