//! Content of any size, in an upload session of the JSON API.
//!
//! The official client has sessions, too. Its 1.21 loses the part that was on its way when the line is cut, and ends the object
//! without it; its checksum tells afterwards, when readers can see the rest. This one never lets go of a part before the store
//! says that it has it, and always sends the checksum of the whole with the last one: the store refuses what does not fit.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use reqwest::{Method, Response, Url};
use serde_json::json;
use tenancy_core::{Error, Result};

use super::{
    Buckets, address,
    content::CONTENT_TYPE,
    failure::Failure,
    json::{Found, nonsense, read},
    parts::{Part, Parts},
};
use crate::{ObjectKey, ObjectMeta, PutMode, backend::Content, place::Place};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How far a session is.
enum Step {
    /// The store has so many bytes.
    Has(u64),
    Done(Found),
}

impl Buckets {
    pub(super) async fn upload(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: Content,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let session = self.begin(place, key, mode).await?;
        let mut parts = Parts::new(content);
        loop {
            let part = match parts.next().await {
                Ok(part) => part,
                Err(error) => {
                    // best effort: it would end by itself, and shows nothing until then
                    let gone = self.exchange(Method::DELETE, session, place, HeaderMap::new(), Bytes::new());
                    let _ = gone.await;
                    return Err(error);
                }
            };
            if let Some(found) = self.send_part(&session, place, &part).await? {
                return found.meta(key).ok_or_else(nonsense);
            }
        }
    }

    async fn begin(&self, place: &Place, key: &ObjectKey, mode: PutMode) -> Result<Url> {
        let mut url = address::upload(&self.endpoint, place, key)?;
        if mode == PutMode::Create {
            url.query_pairs_mut().append_pair("ifGenerationMatch", "0");
        }
        let kind = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
        let body = Bytes::from(json!({ "contentType": CONTENT_TYPE }).to_string());
        let mut pause = FIRST_PAUSE;
        loop {
            let begun = self
                .exchange(Method::POST, url.clone(), place, headers.clone(), body.clone())
                .await?;
            match begun.and_then(of_success) {
                Ok(answer) => return self.location(&answer),
                // one that nobody uses does no harm
                Err(Failure::Unavailable(_)) => rest(&mut pause).await,
                Err(failure) => return Err(failure.of_bucket()),
            }
        }
    }

    /// Where the session is: with this store, since a token goes there.
    fn location(&self, answer: &Response) -> Result<Url> {
        let text = answer
            .headers()
            .get(header::LOCATION)
            .and_then(|text| text.to_str().ok());
        let url: Option<Url> = text.and_then(|text| text.parse().ok());
        url.filter(|url| url.origin() == self.endpoint.origin())
            .ok_or_else(nonsense)
    }

    /// Sends a part until the store has all of it; the object, after the last one.
    async fn send_part(&self, session: &Url, place: &Place, part: &Part) -> Result<Option<Found>> {
        let (mut had, mut asks, mut pause) = (part.from, false, FIRST_PAUSE);
        loop {
            let range = if asks {
                "bytes */*".to_owned()
            } else {
                part.range(had)
            };
            let body = if asks { Bytes::new() } else { part.after(had) };
            match self
                .step(session, place, &range, part.sum.filter(|_| !asks), body)
                .await?
            {
                Ok(Step::Done(found)) if part.sum.is_some() => return Ok(Some(found)),
                Ok(Step::Has(has)) if (had..=part.end()).contains(&has) => {
                    if has == part.end() && part.sum.is_none() {
                        return Ok(None);
                    }
                    if has == had && !asks {
                        rest(&mut pause).await;
                    }
                    (had, asks) = (has, false);
                }
                Ok(_) => return Err(nonsense()),
                Err(Failure::Unavailable(_)) => {
                    rest(&mut pause).await;
                    asks = true;
                }
                Err(Failure::Absent | Failure::Refused(Some(400 | 410))) => {
                    return Err(Error::unavailable("the upload was lost or damaged on its way"));
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    async fn step(
        &self,
        session: &Url,
        place: &Place,
        range: &str,
        sum: Option<u32>,
        body: Bytes,
    ) -> Result<Result<Step, Failure>> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_RANGE,
            HeaderValue::from_str(range).map_err(|_| nonsense())?,
        );
        if let Some(sum) = sum {
            let text = HeaderValue::from_str(&super::parts::hash(sum)).map_err(|_| nonsense())?;
            headers.insert("x-goog-hash", text);
        }
        let put = self
            .exchange(Method::PUT, session.clone(), place, headers, body)
            .await?;
        let answer = match put {
            Ok(answer) if answer.status().as_u16() == 308 => {
                return Ok(Ok(Step::Has(persisted(answer.headers()))));
            }
            put => put.and_then(of_success),
        };
        Ok(match answer {
            // cut off in the middle of the answer: asked again, the store says it again
            Ok(answer) => read(answer)
                .await
                .map(Step::Done)
                .map_err(|_| Failure::Unavailable(None)),
            Err(failure) => Err(failure),
        })
    }
}

/// How much the store has: `Range: bytes=0-41` is 42, and no range is nothing.
fn persisted(headers: &HeaderMap) -> u64 {
    let range = headers.get(header::RANGE).and_then(|text| text.to_str().ok());
    let last = range.and_then(|text| text.strip_prefix("bytes=0-")?.parse::<u64>().ok());
    last.map_or(0, |last| last.saturating_add(1))
}

pub(super) fn of_success(answer: Response) -> Result<Response, Failure> {
    match answer.status() {
        status if status.is_success() => Ok(answer),
        status => Err(Failure::of_status(status.as_u16())),
    }
}

async fn rest(pause: &mut Duration) {
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(LONGEST_PAUSE);
}
