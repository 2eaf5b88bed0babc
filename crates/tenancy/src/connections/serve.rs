//! Accepts connections and answers what they ask.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Extension, Router, extract::ConnectInfo, middleware::AddExtension};
use hyper::server::conn::http1::{Builder, UpgradeableConnection};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tenancy_core::http::TrustedProxies;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::Layer;

use super::{
    addresses::{Addresses, Seat},
    unread::Unread,
};

/// What one process has for its clients.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// How long a client may take to send the head of a request, and to begin its next one.
    pub(crate) head: Duration,
    /// How long a client may take nothing of an answer that waits for it.
    pub(crate) unread: Duration,
    /// Connections at one time; more wait in the system's queue.
    pub(crate) connections: u32,
    /// How many of them one address has at most; more are closed at once.
    pub(crate) each_address: u32,
}

/// When there are no file descriptors left, the next one is some time away.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves connections until `stop`. What it returns waits for those that are open then. A trusted proxy has as many as it likes.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    trusted: TrustedProxies,
    stop: impl Future<Output = ()>,
) -> impl Future<Output = ()> {
    let builder = builder(limits);
    let addresses = Addresses::new(limits.each_address, trusted);
    // every connection has a place: when all are free, none is open
    let places = Arc::new(Semaphore::new(limits.connections as usize));
    let (tell, told) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            next = next(&listener, &places) => next,
            () = &mut stop => break,
        };
        let Some(seat) = addresses.enter(peer.ip()) else {
            refuse(peer);
            continue;
        };
        let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router.clone()));
        let stream = TokioIo::new(Unread::new(stream, limits.unread));
        let connection = builder.serve_connection(stream, service).with_upgrades();
        tokio::spawn(answer(connection, told.clone(), (place, seat)));
    }
    drop(tell);
    async move {
        // nobody closes it
        let _ = places.acquire_many_owned(limits.connections).await;
    }
}

fn builder(limits: Limits) -> Builder {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    builder
}

fn refuse(peer: SocketAddr) {
    metrics::counter!("tenancy_connections_refused_total").increment(1);
    tracing::debug!(%peer, "the address has as many connections as it may; this one is closed");
}

/// A router that knows who is at the other end.
type Knowing = AddExtension<Router, ConnectInfo<SocketAddr>>;
type Connection<T> = UpgradeableConnection<TokioIo<Unread<T>>, TowerToHyperService<Knowing>>;

/// Answers a connection's requests; when the process stops, the one that is open and no further.
async fn answer<T: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    connection: Connection<T>,
    mut told: watch::Receiver<()>,
    _held: (OwnedSemaphorePermit, Seat),
) {
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
        unread: Duration::from_secs(30),
        connections: 2,
        each_address: 2,
    };
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    const ASK_ONCE: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    /// A server whose handler takes half a second, and what stops it.
    async fn server() -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        server_with(LIMITS, TrustedProxies::default()).await
    }

    async fn server_with(
        limits: Limits,
        trusted: TrustedProxies,
    ) -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
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
            serve(listener, router, limits, trusted, stopped).await.await;
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

    #[tokio::test]
    async fn an_address_has_so_many_connections_and_a_trusted_proxy_has_more() {
        let limits = Limits {
            head: Duration::from_secs(30),
            connections: 8,
            each_address: 1,
            ..LIMITS
        };
        for (trusted, open) in [(None, false), (Some("127.0.0.1"), true)] {
            let trusted = TrustedProxies::new(trusted.map(|text| text.parse().unwrap()));
            let (address, _stop, _task) = server_with(limits, trusted).await;
            let first = send(address, b"").await;
            let mut second = send(address, if open { ASK_ONCE } else { b"" }).await;
            assert_eq!(rest(&mut second).await.ends_with("done"), open);
            drop(first);
        }
    }

    /// A connection in memory whose answer is longer than what it holds, and when it ends.
    fn long_answer() -> (tokio::io::DuplexStream, JoinHandle<()>) {
        let (client, server) = tokio::io::duplex(1024);
        let router = Router::new().route("/", get(|| async { vec![b'x'; 8 * 1024] }));
        let peer = SocketAddr::from(([192, 0, 2, 1], 9));
        let seat = Addresses::new(1, TrustedProxies::default())
            .enter(peer.ip())
            .unwrap();
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router));
        let stream = TokioIo::new(Unread::new(server, LIMITS.unread));
        let connection = builder(LIMITS).serve_connection(stream, service).with_upgrades();
        let task = tokio::spawn(async move {
            let (_tell, told) = watch::channel(());
            answer(connection, told, (place, seat)).await;
        });
        (client, task)
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_take_an_answer_is_cut_off_and_who_takes_it_slowly_is_not() {
        let (mut client, task) = long_answer();
        client.write_all(ASK).await.unwrap();
        let mut part = [0; 512];
        for _ in 0..8 {
            tokio::time::sleep(LIMITS.unread - Duration::from_secs(1)).await;
            client.read_exact(&mut part).await.unwrap();
        }
        assert!(!task.is_finished(), "who takes it slowly is cut off");
        let since = tokio::time::Instant::now();
        let ended = tokio::time::timeout(10 * LIMITS.unread, task);
        ended.await.expect("nobody gives up").unwrap();
        assert_eq!(since.elapsed(), LIMITS.unread);
    }
}
