//! Sends requests.

use std::time::Duration;

use reqwest::{Client, header};
use serde_json::Value;
use tenancy_core::RequestId;

use super::call::{Body, Call};
use crate::world::{Result, failure::While};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) request: RequestId,
    pub(super) status: u16,
    pub(super) tag: Option<String>,
    /// What the `RateLimit` headers and `Retry-After` say, when the answer is a refusal by rate.
    pub(super) limit: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; `null` when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The problem's code, when the body is a problem.
    pub(super) fn code(&self) -> Option<String> {
        let json = self.json();
        let code = json.get("type")?.as_str()?.strip_prefix("urn:tenancy:problem:")?;
        Some(code.to_owned())
    }

    /// What a problem says beyond its code: the fields at fault, the feature or permission that is missing.
    pub(super) fn particulars(&self) -> Option<String> {
        const GENERAL: [&str; 4] = ["type", "title", "status", "detail"];
        let json = self.json();
        let field = |error: &Value| {
            Some(format!(
                "{}: {}",
                error.get("field")?.as_str()?,
                error.get("problem")?.as_str()?
            ))
        };
        let said = json
            .as_object()?
            .iter()
            .filter(|(name, _)| !GENERAL.contains(&name.as_str()));
        let said = said.map(|(name, value)| match value {
            Value::Array(errors) => errors.iter().filter_map(field).collect::<Vec<_>>().join(", "),
            Value::String(text) => format!("{}: {text}", name.replace('_', " ")),
            other => format!("{}: {other}", name.replace('_', " ")),
        });
        let said: Vec<String> = said.collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// The id of what the body is about.
    pub(super) fn id(&self) -> Option<String> {
        Some(self.json().get("id")?.as_str()?.to_owned())
    }
}

/// A client that follows no redirect and waits for no answer for ever.
pub(super) fn client() -> Result<Client> {
    let client = Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    client
        .no_proxy()
        .build()
        .during(|| "make an HTTP client".to_owned())
}

/// Sends a call, with an id to find it by in the log.
pub(super) async fn send(client: &Client, call: &Call) -> Result<Answer> {
    let id = RequestId::new();
    let mut request = client
        .request(call.method.clone(), &call.url)
        .header(header::HOST, &call.host);
    request = request.header("x-request-id", id.to_string());
    if let Some(token) = &call.token {
        request = request.bearer_auth(token);
    }
    for (name, value) in &call.headers {
        request = request.header(*name, value);
    }
    request = match &call.body {
        Body::None => request,
        Body::Json(value) => request.json(value),
        Body::Jpeg(content) => request.header(header::CONTENT_TYPE, "image/jpeg").body(*content),
    };
    let what = || format!("{} {}", call.method, call.url);
    let response = request.send().await.during(what)?;
    let status = response.status().as_u16();
    let limit = (status == 429).then(|| said(response.headers())).flatten();
    let tag = response
        .headers()
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .map(str::to_owned);
    let body = response.bytes().await.during(what)?.to_vec();
    Ok(Answer {
        request: id,
        status,
        tag,
        limit,
        body,
    })
}

/// All of the headers that say how a client is limited.
fn said(headers: &header::HeaderMap) -> Option<String> {
    let said = ["ratelimit", "ratelimit-policy", "retry-after"].map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(format!("{name}: {value}"))
    });
    let said: Option<Vec<String>> = said.into_iter().collect();
    said.map(|said| said.join(", "))
}
