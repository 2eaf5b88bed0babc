//! Conditional requests (RFC 9110 section 13).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use tenancy::{Error, FieldError, Result};

use super::entity_tag::{EntityTag, Tags};

/// `If-Match` and `If-None-Match`. A malformed one is a 400 that names it.
#[derive(Clone, Debug)]
pub(crate) struct Preconditions {
    matches: Option<Tags>,
    none_match: Option<Tags>,
}

/// [`Preconditions`] with an `If-Match`: 428 without one, so that no change is lost to another that came between.
#[derive(Clone, Debug)]
pub(crate) struct RequiredMatch(pub(crate) Preconditions);

impl Preconditions {
    fn of(headers: &HeaderMap) -> Result<Self> {
        Ok(Self {
            matches: tags(headers, &header::IF_MATCH)?,
            none_match: tags(headers, &header::IF_NONE_MATCH)?,
        })
    }

    /// Whether a change of what is there now (`None`: nothing) may go on.
    ///
    /// # Errors
    ///
    /// 412 when it may not.
    pub(crate) fn allow_change(&self, current: Option<&EntityTag>) -> Result<()> {
        let stale = |tags: &Tags| !current.is_some_and(|current| tags.strong(current));
        let there = |tags: &Tags| current.is_some_and(|current| tags.weak(current));
        if self.matches.as_ref().is_some_and(stale) || self.none_match.as_ref().is_some_and(there) {
            return Err(Error::precondition_failed());
        }
        Ok(())
    }

    /// Whether the client has what is there now: the answer is 304.
    ///
    /// # Errors
    ///
    /// 412 when the client asks for something else than what is there now.
    pub(crate) fn has_current(&self, current: &EntityTag) -> Result<bool> {
        if self.matches.as_ref().is_some_and(|tags| !tags.strong(current)) {
            return Err(Error::precondition_failed());
        }
        Ok(self.none_match.as_ref().is_some_and(|tags| tags.weak(current)))
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let tags = Tags::parse(headers.get_all(name).iter());
    tags.map(Some).ok_or_else(|| {
        let field = FieldError::new(name.as_str(), "`*` or a list of quoted entity tags");
        Error::malformed("a header can't be read", vec![field])
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Self::of(&parts.headers)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequiredMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let preconditions = Preconditions::of(&parts.headers)?;
        match preconditions.matches {
            Some(_) => Ok(Self(preconditions)),
            None => Err(Error::precondition_required()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};

    use super::*;

    fn given(headers: &[(HeaderName, &'static str)]) -> Parts {
        let mut parts = Request::new(()).into_parts().0;
        for (name, value) in headers {
            parts.headers.append(name, HeaderValue::from_static(value));
        }
        parts
    }

    fn status<T>(result: Result<T>) -> u16 {
        result.map_or_else(|error| error.problem().status(), |_| 200)
    }

    async fn check(headers: &[(HeaderName, &'static str)], current: Option<i64>, change: u16) {
        let current = current.map(EntityTag::of);
        let preconditions = Preconditions::from_request_parts(&mut given(headers), &())
            .await
            .unwrap();
        assert_eq!(
            status(preconditions.allow_change(current.as_ref())),
            change,
            "{headers:?} {current:?}"
        );
    }

    #[tokio::test]
    async fn a_change_goes_on_only_from_the_state_that_was_read() {
        use header::{IF_MATCH, IF_NONE_MATCH};
        check(&[], Some(7), 200).await;
        check(&[], None, 200).await;
        check(&[(IF_MATCH, "\"7\"")], Some(7), 200).await;
        check(&[(IF_MATCH, "\"6\"")], Some(7), 412).await;
        check(&[(IF_MATCH, "W/\"7\"")], Some(7), 412).await;
        check(&[(IF_MATCH, "*")], Some(7), 200).await;
        check(&[(IF_MATCH, "*")], None, 412).await;
        check(&[(IF_NONE_MATCH, "*")], None, 200).await;
        check(&[(IF_NONE_MATCH, "*")], Some(7), 412).await;
        check(&[(IF_MATCH, "\"7\""), (IF_NONE_MATCH, "\"7\"")], Some(7), 412).await;
    }

    #[tokio::test]
    async fn reading_what_the_client_has_is_not_modified() {
        let current = EntityTag::of(7);
        for (value, has) in [("\"7\"", true), ("W/\"7\"", true), ("\"6\"", false), ("*", true)] {
            let mut parts = given(&[(header::IF_NONE_MATCH, value)]);
            let preconditions = Preconditions::from_request_parts(&mut parts, &()).await.unwrap();
            assert_eq!(preconditions.has_current(&current).unwrap(), has, "{value}");
        }
    }

    #[tokio::test]
    async fn a_change_without_if_match_is_428_and_a_malformed_one_400() {
        let required = |headers: &[(HeaderName, &'static str)]| {
            let mut parts = given(headers);
            async move { status(RequiredMatch::from_request_parts(&mut parts, &()).await) }
        };
        assert_eq!(required(&[]).await, 428);
        assert_eq!(required(&[(header::IF_NONE_MATCH, "*")]).await, 428);
        assert_eq!(required(&[(header::IF_MATCH, "7")]).await, 400);
        assert_eq!(required(&[(header::IF_MATCH, "\"7\"")]).await, 200);
    }
}
