//! A request and its answer.

use reqwest::{Client, Method, header};
use serde_json::Value;
use tenancy_core::RequestId;

/// A request, as data: it can be sent more than once.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    client: Client,
    pub(crate) method: Method,
    url: String,
    host: Option<String>,
    headers: Vec<(String, String)>,
    body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Json(Value),
    /// A media type and the bytes.
    Raw(&'static str, Vec<u8>),
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// All but the date and the request's id, in order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) request: RequestId,
}

impl Call {
    pub(crate) fn new(client: &Client, url: &str, method: Method, path: &str) -> Self {
        let (client, url) = (client.clone(), format!("{url}{path}"));
        Self {
            client,
            method,
            url,
            host: None,
            headers: Vec::new(),
            body: Body::None,
        }
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another text in the values of its headers.
    pub(crate) fn replaced(mut self, from: &str, to: &str) -> Self {
        self.headers
            .iter_mut()
            .for_each(|(_, value)| *value = value.replace(from, to));
        self
    }

    pub(crate) fn json(self, body: Value) -> Self {
        self.body(Body::Json(body))
    }

    pub(crate) fn raw(self, media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        self.body(Body::Raw(media_type, body.into()))
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub(crate) async fn send(&self) -> Answer {
        self.try_send()
            .await
            .unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.url))
    }

    pub(crate) async fn try_send(&self) -> reqwest::Result<Answer> {
        let id = RequestId::new();
        let mut request = self.client.request(self.method.clone(), &self.url);
        request = request.header("x-request-id", id.to_string());
        request = self
            .headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name, value));
        if let Some(host) = &self.host {
            request = request.header(header::HOST, host);
        }
        request = match self.body.clone() {
            Body::None => request,
            Body::Json(value) => request.json(&value),
            Body::Raw("", bytes) => request.body(bytes),
            Body::Raw(media_type, bytes) => request.header(header::CONTENT_TYPE, media_type).body(bytes),
        };
        let response = request.send().await?;
        let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)));
        let headers = headers
            .filter(|(name, _)| name != "date" && name != "x-request-id")
            .collect();
        let status = response.status().as_u16();
        Ok(Answer {
            status,
            headers,
            body: response.bytes().await?.to_vec(),
            request: id,
        })
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The problem's code: the last part of its type.
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        json["type"]
            .as_str()
            .and_then(|kind| kind.rsplit(':').next())
            .unwrap_or_default()
            .to_owned()
    }

    /// The first field that the problem names.
    pub(crate) fn field(&self) -> String {
        self.json()["errors"][0]["field"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// All that a client can compare.
    pub(crate) fn seen(&self) -> (u16, &[(String, String)], String) {
        (self.status, &self.headers, self.text())
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}: {}", self.status, self.text()))
            .to_owned()
    }
}
