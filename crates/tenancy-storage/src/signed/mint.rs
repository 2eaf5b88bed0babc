//! From a tenant and terms to a URL.

use jiff::Timestamp;
use tenancy_core::{Actor, Error, Result, StoreName, TenantContext};

use super::{
    GetTerms, PutTerms, SignedUrl, UrlLifetime, UrlSigner, disposition::attachment, fence, standing,
    v4::Draft,
};
use crate::{ObjectKey, PutMode, place::Place};

/// What terms come to in a request.
struct Request {
    method: &'static str,
    headers: Vec<(&'static str, String)>,
    query: Vec<(&'static str, String)>,
    lifetime: UrlLifetime,
}

impl From<GetTerms> for Request {
    fn from(terms: GetTerms) -> Self {
        Self {
            method: "GET",
            headers: vec![],
            query: vec![
                ("response-content-disposition", attachment(terms.name.as_ref())),
                ("response-content-type", terms.served_as.to_string()),
            ],
            lifetime: terms.lifetime,
        }
    }
}

impl From<PutTerms> for Request {
    fn from(terms: PutTerms) -> Self {
        let range = format!("{},{}", terms.min_bytes, terms.max_bytes);
        let mut headers = vec![
            ("content-type", terms.content_type.to_string()),
            ("x-goog-content-length-range", range),
        ];
        if terms.mode == PutMode::Create {
            headers.push(("x-goog-if-generation-match", "0".to_owned()));
        }
        Self {
            method: "PUT",
            headers,
            query: vec![],
            lifetime: terms.lifetime,
        }
    }
}

/// One tenant's object, and who signs for it.
pub(super) struct Mint<'a> {
    signer: &'a UrlSigner,
    ctx: &'a TenantContext,
    store: &'a StoreName,
    place: &'a Place,
    key: &'a ObjectKey,
}

impl<'a> Mint<'a> {
    /// For an object of the logical store at its place.
    pub(super) fn new(
        signer: &'a UrlSigner,
        ctx: &'a TenantContext,
        (store, place): (&'a StoreName, &'a Place),
        key: &'a ObjectKey,
    ) -> Self {
        Self {
            signer,
            ctx,
            store,
            place,
            key,
        }
    }

    pub(super) async fn get(&self, terms: GetTerms) -> Result<SignedUrl> {
        self.sign(terms.into()).await
    }

    pub(super) async fn put(&self, terms: PutTerms) -> Result<SignedUrl> {
        self.sign(terms.into()).await
    }

    async fn sign(&self, request: Request) -> Result<SignedUrl> {
        let signer = self.signer;
        standing::check(&signer.directory, self.ctx, self.store).await?;
        let at = signer.now();
        let lifetime = within_grant(self.ctx.actor(), at, request.lifetime)?;
        let path = self.place.path(self.key)?;
        let draft = Draft {
            method: request.method,
            endpoint: &signer.endpoint,
            bucket: self.place.bucket().as_str(),
            object: path.as_ref(),
            headers: &request.headers,
            query: &request.query,
            account: signer.account(),
            at,
            lifetime,
        };
        let url = signer.sign(&draft).await?;
        fence::check(&url, &signer.endpoint, self.place, self.key)?;
        Ok(SignedUrl {
            url: url.into(),
            method: request.method,
            headers: request.headers,
            expires_at: end(at, lifetime)?,
        })
    }
}

/// The store counts from the whole second that stands in the URL.
fn end(at: Timestamp, lifetime: UrlLifetime) -> Result<Timestamp> {
    Timestamp::from_second(at.as_second().saturating_add(lifetime.seconds()))
        .map_err(|_| Error::internal("the clock that signs URLs is beyond the calendar's end"))
}

/// No URL outlives an operator's grant.
fn within_grant(actor: &Actor, at: Timestamp, lifetime: UrlLifetime) -> Result<UrlLifetime> {
    let Actor::Operator { expires_at, .. } = actor else {
        return Ok(lifetime);
    };
    let left = expires_at.as_second().saturating_sub(at.as_second());
    let left = UrlLifetime::at_most(left);
    left.map(|left| lifetime.min(left))
        .ok_or_else(|| Error::unauthenticated("the operator's grant has ended"))
}

#[cfg(test)]
mod tests {
    use tenancy_core::OperatorAccess;

    use super::*;

    #[test]
    fn no_url_outlives_an_operators_grant() {
        let at = Timestamp::from_second(1_900_000_000).unwrap();
        for (left, expect) in [
            (-1, None),
            (0, None),
            (1, Some(1)),
            (299, Some(299)),
            (301, Some(300)),
            (100_000, Some(300)),
        ] {
            let actor = Actor::Operator {
                name: "eve@platform".parse().unwrap(),
                reason: "ticket 4711: a photo is lost".parse().unwrap(),
                access: OperatorAccess::Read,
                expires_at: at + jiff::SignedDuration::from_secs(left),
            };
            let lifetime = within_grant(&actor, at, UrlLifetime::GET).ok();
            assert_eq!(lifetime.map(UrlLifetime::seconds), expect, "{left}");
        }
    }

    #[test]
    fn a_url_ends_as_the_store_counts() {
        let at = "2031-05-06T07:08:09.999Z".parse().unwrap();
        let end = end(at, UrlLifetime::GET).unwrap();
        assert_eq!(end.to_string(), "2031-05-06T07:13:09Z");
    }
}
