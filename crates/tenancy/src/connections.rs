//! Connections: accepted up to a number, and closed when their client takes too long to ask.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Extension, Router, extract::ConnectInfo, middleware::AddExtension};
use hyper::server::conn::http1::{Builder, UpgradeableConnection};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::Layer;

/// What one process has for its clients.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// How long a client may take to send the head of a request, and to begin its next one.
    pub(crate) head: Duration,
    /// Connections at one time; more wait in the system's queue.
    pub(crate) connections: u32,
}

/// When there are no file descriptors left, the next one is some time away.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves connections until `stop`. What it returns waits for those that are open then.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> impl Future<Output = ()> {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    // every connection has a place: when all are free, none is open
    let places = Arc::new(Semaphore::new(limits.connections as usize));
    let (tell, told) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            next = next(&listener, &places) => next,
            () = &mut stop => break,
        };
        let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router.clone()));
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(answer(connection.with_upgrades(), told.clone(), place));
    }
    drop(tell);
    async move {
        // nobody closes it
        let _ = places.acquire_many_owned(limits.connections).await;
    }
}

/// A router that knows who is at the other end.
type Knowing = AddExtension<Router, ConnectInfo<SocketAddr>>;
type Connection = UpgradeableConnection<TokioIo<TcpStream>, TowerToHyperService<Knowing>>;

/// Answers a connection's requests; when the process stops, the one that is open and no further.
async fn answer(connection: Connection, mut told: watch::Receiver<()>, _place: OwnedSemaphorePermit) {
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = told.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let Ok(place) = Arc::clone(places).acquire_owned().await else {
        // nobody closes it
        return std::future::pending().await;
    };
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) if gone(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// The client left before it was accepted.
fn gone(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        task::JoinHandle,
    };

    use super::*;

    const LIMITS: Limits = Limits {
        head: Duration::from_millis(300),
        connections: 2,
    };
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// A server whose handler takes half a second, and what stops it.
    async fn server() -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route(
                "/",
                get(|| async {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    "done"
                }),
            )
            .route(
                "/peer",
                get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }),
            );
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            serve(listener, router, LIMITS, stopped).await.await;
        });
        (address, stop, task)
    }

    async fn send(address: std::net::SocketAddr, text: &[u8]) -> TcpStream {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(text).await.unwrap();
        client
    }

    async fn rest(client: &mut TcpStream) -> String {
        let mut text = Vec::new();
        let read = client.read_to_end(&mut text);
        tokio::time::timeout(Duration::from_secs(10), read)
            .await
            .expect("it stays open")
            .unwrap();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn who_does_not_ask_is_cut_off_and_who_is_answered_slowly_is_not() {
        let (address, _stop, _task) = server().await;
        for half in [&b""[..], b"GET / HTT", b"GET / HTTP/1.1\r\nHost: x\r\nX: "] {
            let mut client = send(address, half).await;
            assert!(!rest(&mut client).await.contains("done"));
        }
        let mut client = send(address, ASK).await;
        assert!(rest(&mut client).await.ends_with("done"));
    }

    #[tokio::test]
    async fn more_connections_than_there_are_places_wait_for_one() {
        let (address, _stop, _task) = server().await;
        let _silent = (send(address, b"").await, send(address, b"").await);
        let since = Instant::now();
        let mut client = send(address, ASK).await;
        assert!(rest(&mut client).await.ends_with("done"));
        assert!(since.elapsed() >= LIMITS.head, "{:?}", since.elapsed());
    }

    #[tokio::test]
    async fn an_open_request_is_answered_after_the_stop_and_a_new_one_is_not_taken() {
        let (address, stop, task) = server().await;
        let mut client = send(address, ASK).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).unwrap();
        assert!(rest(&mut client).await.ends_with("done"));
        task.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_handler_knows_who_is_at_the_other_end() {
        let (address, _stop, _task) = server().await;
        let ask = b"GET /peer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let mut client = send(address, ask).await;
        let own = client.local_addr().unwrap().to_string();
        assert!(rest(&mut client).await.ends_with(&own));
    }
}
