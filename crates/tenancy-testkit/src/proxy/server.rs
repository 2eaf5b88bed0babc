//! The proxy that a test holds.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use super::{
    count::Counts,
    fuse::Fuse,
    relay::{Line, loopback, relay},
};

/// How long to wait when nothing can be accepted.
const PAUSE: Duration = Duration::from_millis(20);

/// A TCP proxy on loopback in front of a PostgreSQL server. It counts round trips where they happen, at the wire, and
/// takes the line down on command. Its connections end when it is dropped.
///
/// It reads the protocol, so TLS must be off: [`url`](Self::url) sees to it.
#[derive(Debug)]
pub struct CountingProxy {
    port: u16,
    counts: Arc<Counts>,
    fuse: Arc<Fuse>,
    line: watch::Sender<Line>,
    task: JoinHandle<()>,
}

impl CountingProxy {
    /// A proxy to the server on this port of loopback, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start(server_port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(loopback(0)).await?;
        let port = listener.local_addr()?.port();
        let counts = Arc::new(Counts::default());
        let fuse = Arc::new(Fuse::default());
        let (line, watched) = watch::channel(Line::Up);
        let seen = (Arc::clone(&counts), Arc::clone(&fuse));
        let task = tokio::spawn(accept(listener, server_port, seen, watched));
        Ok(Self {
            port,
            counts,
            fuse,
            line,
            task,
        })
    }

    /// The proxy's port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The same database, through the proxy and without TLS. The URL's host and port are replaced.
    #[must_use]
    pub fn url(&self, url: &SecretString) -> SecretString {
        through(url.expose_secret(), self.port).into()
    }

    /// Starts to count from zero.
    pub fn reset(&self) {
        self.counts.reset();
    }

    /// How often the server has said that it is ready for a query since the last reset: round trips, a login's
    /// included.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.counts.round_trips.load(Ordering::SeqCst)
    }

    /// How many pieces the clients have sent since the last reset. One flush is one piece while it is small.
    #[must_use]
    pub fn flushes(&self) -> u64 {
        self.counts.flushes.load(Ordering::SeqCst)
    }

    /// How many connections were made since the last reset, those that ended at once among them.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// The server is gone: every connection ends, and a new one ends as soon as it is made.
    pub fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    /// Breaks one connection: the one over which the byte after so many from now is to pass, either way, in the middle of a
    /// message if need be. The others stay, and new ones can be made.
    pub fn break_one_after(&self, bytes: u64) {
        self.fuse.light(bytes);
    }

    /// The server hangs: connections stay and can be made, and nothing passes either way.
    pub fn silence(&self) {
        self.line.send_replace(Line::Silent);
    }

    /// The server is back. What waited in a silent line passes.
    pub fn restore(&self) {
        self.line.send_replace(Line::Up);
    }
}

impl Drop for CountingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Holds the connections: aborted, it ends them all.
async fn accept(
    listener: TcpListener,
    port: u16,
    (counts, fuse): (Arc<Counts>, Arc<Fuse>),
    line: watch::Receiver<Line>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => {
                    counts.connections.fetch_add(1, Ordering::SeqCst);
                    let (counts, fuse) = (Arc::clone(&counts), Arc::clone(&fuse));
                    connections.spawn(relay(client, loopback(port), counts, fuse, line.clone()));
                }
                // out of file descriptors, say: it passes
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Replaces host and port, and turns TLS off.
pub(crate) fn through(url: &str, port: u16) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let (server, database) = rest.split_once('/').unwrap_or((rest, ""));
    let user = server
        .rsplit_once('@')
        .map_or(String::new(), |(user, _)| format!("{user}@"));
    let kept = query
        .split('&')
        .filter(|part| !part.is_empty() && !part.starts_with("sslmode="));
    let query: Vec<&str> = kept.chain(["sslmode=disable"]).collect();
    format!("{scheme}://{user}127.0.0.1:{port}/{database}?{}", query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: &str) {
        assert_eq!(through(url, 7), expect);
    }

    #[test]
    fn a_url_leads_through_the_proxy_and_keeps_the_rest() {
        check(
            "postgres://app:p@db:5432/core",
            "postgres://app:p@127.0.0.1:7/core?sslmode=disable",
        );
        check(
            "postgres://app@[::1]/core?sslmode=verify-full",
            "postgres://app@127.0.0.1:7/core?sslmode=disable",
        );
        check(
            "postgresql://db/core?application_name=a&sslmode=prefer&options=b",
            "postgresql://127.0.0.1:7/core?application_name=a&options=b&sslmode=disable",
        );
    }
}
