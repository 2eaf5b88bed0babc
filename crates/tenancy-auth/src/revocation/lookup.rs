//! Asks Identity Platform for one account.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use secrecy::ExposeSecret;
use serde_json::json;
use tenancy_core::VerifiedIdentity;
use tokio::sync::OnceCell;

use super::{Revocation, account::Account};
use crate::outbound;

/// An answer has about 1 KiB; an account can have claims of its own and some providers.
const ANSWER_BYTES: usize = 64 * 1024;

/// Why nothing is known of an account.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    #[error("it did not answer within {0:?}")]
    Late(Duration),
    #[error("it can't be reached")]
    Http(#[from] reqwest::Error),
    #[error("there is no access token")]
    Token(#[source] tenancy_core::Error),
    #[error("it answered with status {0}")]
    Status(StatusCode),
    #[error("its answer is longer than 65536 bytes")]
    TooLong,
    #[error("its answer tells of no account, or of another one")]
    Shape,
}

pub(super) struct Lookup {
    revocation: Revocation,
    client: OnceCell<Client>,
}

impl Lookup {
    pub(super) fn new(revocation: Revocation) -> Self {
        Self {
            revocation,
            client: OnceCell::new(),
        }
    }

    pub(super) async fn account(&self, user: &VerifiedIdentity) -> Result<Account, LookupError> {
        let limit = self.revocation.timing.lookup;
        match tokio::time::timeout(limit, self.ask(user)).await {
            Ok(answer) => answer,
            Err(_) => Err(LookupError::Late(limit)),
        }
    }

    async fn ask(&self, user: &VerifiedIdentity) -> Result<Account, LookupError> {
        let url = self.revocation.url.trusted();
        let client = self
            .client
            .get_or_try_init(|| async { url.client(self.revocation.timing.lookup) })
            .await?;
        let token = self.revocation.token.access_token().await;
        let token = token.map_err(LookupError::Token)?;
        let answer = client
            .post(self.address(user))
            .bearer_auth(token.expose_secret())
            .json(&json!({ "localId": [user.subject().as_str()] }))
            .send()
            .await
            .map_err(reqwest::Error::without_url)?;
        if answer.status() != StatusCode::OK {
            return Err(LookupError::Status(answer.status()));
        }
        let body = outbound::body(answer, ANSWER_BYTES).await?;
        Account::read(&body.ok_or(LookupError::TooLong)?, user).ok_or(LookupError::Shape)
    }

    /// Neither a project nor a pool has a character that means something in a path.
    fn address(&self, user: &VerifiedIdentity) -> String {
        let base = self.revocation.url.trusted().to_string();
        let (base, project) = (base.trim_end_matches('/'), &self.revocation.project);
        format!(
            "{base}/v1/projects/{project}/tenants/{}/accounts:lookup",
            user.tenant()
        )
    }
}
