//! A server of signing keys that can be told to fail.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{StreamExt, stream};
use parking_lot::Mutex;
use serde_json::json;
use tokio::{net::TcpListener, sync::watch};

use crate::TokenMint;

const PATH: &str = "/jwks.json";
/// More than anyone needs for keys.
const OVERSIZED: usize = 4 << 20;

/// What a [`KeyServer`] answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyAnswer {
    /// The keys.
    #[default]
    Keys,
    /// This text, as JSON.
    Text(String),
    /// No key at all: `{"keys":[]}`.
    Empty,
    /// The keys, with this status.
    Status(u16),
    /// A redirect to this address.
    Redirect(String),
    /// A page in HTML, with status 200: what captive portals and broken proxies send.
    Html,
    /// The keys and then some megabytes of white space.
    Oversized,
    /// The keys and then a gigabyte of white space, made as it is read.
    Gigabyte,
    /// Nothing, for as long as the caller waits.
    Hang,
    /// The head and half of the keys, then nothing.
    Stall,
}

/// Serves the keys of mints on a free port of 127.0.0.1, as Google serves Identity Platform's: a JWKS with `Cache-Control`.
///
/// It counts how often it is asked, and can be told to fail. It stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use tenancy_testkit::{KeyAnswer, KeyServer, TokenMint};
///
/// let mint = TokenMint::new("demo-trips");
/// let keys = KeyServer::start(&mint).await?;
/// // a service's configuration: identity.project = mint.project(), identity.keys = keys.url()
/// keys.answer(KeyAnswer::Status(500));
/// assert_eq!(keys.fetches(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct KeyServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<Script>,
    fetches: AtomicU64,
    stopped: watch::Receiver<bool>,
}

#[derive(Clone, Debug)]
struct Script {
    keys: String,
    max_age: Duration,
    answer: KeyAnswer,
}

impl KeyServer {
    /// Starts to serve a mint's key, on the current tokio runtime, to be kept for an hour.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start(mint: &TokenMint) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let script = Script {
            keys: jwks(&[mint]),
            max_age: Duration::from_secs(3600),
            answer: KeyAnswer::Keys,
        };
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            fetches: AtomicU64::new(0),
            stopped: stopped.clone(),
        });
        let router = Router::new()
            .route(PATH, get(handle))
            .with_state(Arc::clone(&shared));
        let server = axum::serve(listener, router).with_graceful_shutdown(end(stopped));
        tokio::spawn(async move { server.await });
        Ok(Self {
            address,
            shared,
            stop,
        })
    }

    /// The address of the keys: what `identity.keys` must be.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// How often it was asked since it started, whatever it answered.
    #[must_use]
    pub fn fetches(&self) -> u64 {
        self.shared.fetches.load(Ordering::SeqCst)
    }

    /// Changes what it answers from now on.
    pub fn answer(&self, answer: KeyAnswer) {
        self.shared.script.lock().answer = answer;
    }

    /// Serves the keys of these mints, and no other, from now on.
    pub fn publish(&self, mints: &[&TokenMint]) {
        self.shared.script.lock().keys = jwks(mints);
    }

    /// Changes for how long its answers may be kept, in whole seconds.
    pub fn max_age(&self, max_age: Duration) {
        self.shared.script.lock().max_age = max_age;
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

fn jwks(mints: &[&TokenMint]) -> String {
    let keys: Vec<_> = mints.iter().map(|mint| mint.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

/// Ends when the server is dropped.
async fn end(mut stopped: watch::Receiver<bool>) {
    // an error says that the sender is gone, and so the server
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn handle(State(shared): State<Arc<Shared>>) -> Response {
    shared.fetches.fetch_add(1, Ordering::SeqCst);
    let script = shared.script.lock().clone();
    let kept = format!(
        "public, max-age={}, must-revalidate, no-transform",
        script.max_age.as_secs()
    );
    let json = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CACHE_CONTROL, kept),
    ];
    match script.answer {
        KeyAnswer::Keys => (json, script.keys).into_response(),
        KeyAnswer::Text(text) => (json, text).into_response(),
        KeyAnswer::Empty => (json, jwks(&[])).into_response(),
        KeyAnswer::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, json, script.keys).into_response()
        }
        KeyAnswer::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        KeyAnswer::Html => {
            let page = "<!doctype html><title>Sign in to the network</title>";
            ([(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        KeyAnswer::Oversized => (json, script.keys + &" ".repeat(OVERSIZED)).into_response(),
        KeyAnswer::Gigabyte => (json, gigabyte(script.keys)).into_response(),
        KeyAnswer::Hang => {
            end(shared.stopped.clone()).await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        KeyAnswer::Stall => (json, stalled(&script.keys, shared.stopped.clone())).into_response(),
    }
}

fn gigabyte(keys: String) -> Body {
    let blanks = stream::iter(0..1 << 14).map(|_| vec![b' '; 1 << 16]);
    let keys = stream::once(async move { keys.into_bytes() });
    Body::from_stream(keys.chain(blanks).map(Ok::<_, Infallible>))
}

fn stalled(keys: &str, stopped: watch::Receiver<bool>) -> Body {
    let half: Vec<u8> = keys.bytes().take(keys.len() / 2).collect();
    let end = stream::once(async move {
        end(stopped).await;
        Vec::new()
    });
    Body::from_stream(stream::once(async { half }).chain(end).map(Ok::<_, Infallible>))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn it_stops_when_it_is_dropped() {
        let server = KeyServer::start(&TokenMint::new("demo-trips")).await.unwrap();
        let address = server.address;
        assert!(TcpStream::connect(address).await.is_ok());
        drop(server);
        let refused = async {
            while TcpStream::connect(address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), refused)
            .await
            .unwrap();
    }
}
