//! A server of users' accounts that can be told to fail.

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tenancy_core::{IdentityTenant, Subject};
use tokio::{net::TcpListener, sync::watch};

/// What an [`AccountServer`] answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountAnswer {
    /// The account, or that there is none.
    #[default]
    Account,
    /// This text, as JSON.
    Text(String),
    /// The account, with this status.
    Status(u16),
    /// Nothing, for as long as the caller waits.
    Hang,
}

/// Serves `accounts:lookup` on a free port of 127.0.0.1, as Identity Platform does, to who shows
/// [`ACCESS_TOKEN`](Self::ACCESS_TOKEN).
///
/// It has no accounts until they are put. It counts how often it is asked, and can be told to fail. It stops when it is
/// dropped.
#[derive(Debug)]
pub struct AccountServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
}

#[derive(Debug)]
struct Shared {
    project: String,
    accounts: Mutex<HashMap<(String, String), Value>>,
    answer: Mutex<AccountAnswer>,
    lookups: AtomicU64,
    stopped: watch::Receiver<bool>,
}

impl AccountServer {
    /// The access token that it wants to see.
    pub const ACCESS_TOKEN: &'static str = "test-access-token";

    /// Starts to serve a project's accounts, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start(project: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            project: project.to_owned(),
            accounts: Mutex::default(),
            answer: Mutex::default(),
            lookups: AtomicU64::new(0),
            stopped: stopped.clone(),
        });
        let router = Router::new()
            .route("/v1/projects/{project}/tenants/{tenant}/{method}", post(handle))
            .with_state(Arc::clone(&shared));
        let server = axum::serve(listener, router).with_graceful_shutdown(end(stopped));
        tokio::spawn(async move { server.await });
        Ok(Self {
            address,
            shared,
            stop,
        })
    }

    /// Its address: the base of Identity Platform's API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often it was asked since it started, whatever it answered.
    #[must_use]
    pub fn lookups(&self) -> u64 {
        self.shared.lookups.load(Ordering::SeqCst)
    }

    /// Changes what it answers from now on.
    pub fn answer(&self, answer: AccountAnswer) {
        *self.shared.answer.lock() = answer;
    }

    /// Puts a user's account. `valid_since` is when its sessions were last revoked, in seconds since 1970.
    pub fn put(&self, tenant: &IdentityTenant, subject: &Subject, disabled: bool, valid_since: i64) {
        let account = json!({
            "localId": subject.as_str(),
            "tenantId": tenant.as_str(),
            "email": format!("{subject}@example.com"),
            "emailVerified": true,
            "disabled": disabled,
            "validSince": valid_since.to_string(),
        });
        let user = (tenant.as_str().to_owned(), subject.as_str().to_owned());
        self.shared.accounts.lock().insert(user, account);
    }

    /// Removes a user's account.
    pub fn remove(&self, tenant: &IdentityTenant, subject: &Subject) {
        let user = (tenant.as_str().to_owned(), subject.as_str().to_owned());
        self.shared.accounts.lock().remove(&user);
    }
}

impl Drop for AccountServer {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Ends when the server is dropped.
async fn end(mut stopped: watch::Receiver<bool>) {
    // an error says that the sender is gone, and so the server
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    Path((project, tenant, method)): Path<(String, String, String)>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Response {
    shared.lookups.fetch_add(1, Ordering::SeqCst);
    if project != shared.project || method != "accounts:lookup" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let shown = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    if shown != Some(format!("Bearer {}", AccountServer::ACCESS_TOKEN).as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let answer = shared.answer.lock().clone();
    let account = Json(shared.account(&tenant, &asked));
    match answer {
        AccountAnswer::Account => account.into_response(),
        AccountAnswer::Text(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        AccountAnswer::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, account).into_response()
        }
        AccountAnswer::Hang => {
            end(shared.stopped.clone()).await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

impl Shared {
    /// The member `users` is left out when there is none, as Google's answer does.
    fn account(&self, tenant: &str, asked: &Value) -> Value {
        let kind = "identitytoolkit#GetAccountInfoResponse";
        let subject = asked
            .get("localId")
            .and_then(|ids| ids.get(0))
            .and_then(Value::as_str);
        let user = (tenant.to_owned(), subject.unwrap_or_default().to_owned());
        match self.accounts.lock().get(&user) {
            Some(account) => json!({ "kind": kind, "users": [account] }),
            None => json!({ "kind": kind }),
        }
    }
}
