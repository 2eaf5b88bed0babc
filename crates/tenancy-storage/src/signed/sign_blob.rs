//! The cloud signs: no private key on this machine.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tenancy_core::{Error, Result, SecretRef};
use tokio::sync::OnceCell;
use url::Url;

use super::{ServiceAccount, UrlEndpoint, http};

/// One signature takes the cloud some 50 ms.
const LIMIT: Duration = Duration::from_secs(5);
/// An RSA key of 2048 to 4096 bits.
const SIGNATURE_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// Signs by the cloud's `signBlob`: in the name of a service account whose private key nobody holds.
///
/// The caller behind the access token needs `iam.serviceAccounts.signBlob` on the account (the role "Service Account Token
/// Creator"), and no more. Each URL is one call: 5 seconds at most, and not tried again.
#[derive(Clone, Debug)]
pub struct SignBlob {
    account: ServiceAccount,
    token: SecretRef,
    endpoint: UrlEndpoint,
    client: Arc<OnceCell<Client>>,
}

impl SignBlob {
    /// Signs as `account`, with an access token that something else renews: it is read again with each call.
    #[must_use]
    pub fn new(account: ServiceAccount, token: SecretRef) -> Self {
        Self {
            account,
            token,
            endpoint: UrlEndpoint::google("iamcredentials.googleapis.com"),
            client: Arc::default(),
        }
    }

    /// Asks another server: a proxy, or one of a test. It is shown the access token.
    #[must_use]
    pub fn at(mut self, endpoint: UrlEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    pub(super) fn account(&self) -> &ServiceAccount {
        &self.account
    }

    pub(super) async fn sign(&self, message: &str) -> Result<Vec<u8>> {
        tokio::time::timeout(LIMIT, self.ask(message))
            .await
            .unwrap_or_else(|_| Err(Error::unavailable("the cloud did not sign a URL within 5 s")))
    }

    async fn ask(&self, message: &str) -> Result<Vec<u8>> {
        let url = self.url()?;
        let client = self
            .client
            .get_or_try_init(|| async { http::client(&url, LIMIT) })
            .await;
        let client = client.map_err(unreachable)?;
        let token = self.token().await?;
        let answer = client
            .post(url)
            .bearer_auth(token.expose_secret())
            .json(&json!({ "payload": STANDARD.encode(message) }))
            .send()
            .await
            .map_err(unreachable)?;
        if answer.status() != StatusCode::OK {
            return Err(refused(answer.status()));
        }
        let body = http::body(answer).await.map_err(unreachable)?;
        body.as_deref()
            .and_then(signature)
            .ok_or_else(|| Error::unavailable("the cloud's answer to signBlob is no signature"))
    }

    async fn token(&self) -> Result<SecretString> {
        let reference = self.token.clone();
        let read = tokio::task::spawn_blocking(move || reference.reveal()).await;
        let read = read.map_err(|error| {
            Error::unavailable("reading the access token for signBlob was cancelled").with_source(error)
        })?;
        read.map_err(|error| Error::unavailable("there is no access token for signBlob").with_source(error))
    }

    /// An account has no character that means something in a path.
    fn url(&self) -> Result<Url> {
        let (endpoint, account) = (&self.endpoint, &self.account);
        format!("{endpoint}/v1/projects/-/serviceAccounts/{account}:signBlob")
            .parse()
            .map_err(|_| Error::internal("the address of signBlob is none; report it as a bug"))
    }
}

fn unreachable(error: reqwest::Error) -> Error {
    Error::unavailable("the cloud's signBlob can't be reached").with_source(error.without_url())
}

fn refused(status: StatusCode) -> Error {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::unavailable(
            "the cloud refuses signBlob: renew the access token, and grant its holder `iam.serviceAccounts.signBlob`",
        ),
        status => Error::unavailable(format!("the cloud's signBlob answered with status {status}")),
    }
}

fn signature(body: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        signed_blob: String,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let signature = STANDARD.decode(answer.signed_blob).ok()?;
    SIGNATURE_BYTES.contains(&signature.len()).then_some(signature)
}
