//! Serves a router at the configured address.

use std::{fmt, io::Write, net::SocketAddr, time::Duration};

use axum::Router;
use tenancy_core::http::{TrustedProxies, not_found};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    Tenancy,
    causes::causes,
    connections::{self, Limits},
    telemetry::metrics_handler,
};

/// How long requests may go on after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

const CONNECTIONS: u32 = 10_000;
const HEAD: Duration = Duration::from_secs(30);

/// A few scrapers at a time.
const SCRAPES: Limits = Limits {
    head: Duration::from_secs(10),
    unread: Duration::from_secs(10),
    connections: 16,
    each_address: 16,
};

/// Why serving ended. `Debug` tells the causes too.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address can't be used.
    #[error("`{0}`: the address `{1}` can't be used")]
    Bind(&'static str, SocketAddr, #[source] std::io::Error),
    /// The address that the system chose can't be read.
    #[error("the listener has no address")]
    Io(#[from] std::io::Error),
}

impl fmt::Debug for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        causes(self, f)
    }
}

impl Tenancy {
    /// Serves `router` at `deployment.listen` until SIGTERM or Ctrl-C, then gives open requests ten seconds.
    ///
    /// HTTP/1.1, up to 10,000 connections at one time, of one address `limits.address_connections` of them; a proxy of
    /// `deployment.trusted_proxies` has as many as it likes. A client has 30 seconds to send a request's head, and to begin the
    /// next one on the same connection; who takes nothing of an answer for `limits.unread_seconds` is cut off.
    ///
    /// `/metrics` is served beside it, at `telemetry.metrics_listen`, when there is one: where only the platform asks.
    ///
    /// Prints `listening on http://<address>` once it accepts: with port 0 the system chooses.
    ///
    /// # Errors
    ///
    /// When the address can't be used.
    pub async fn serve(&self, router: Router) -> Result<(), ServeError> {
        let listener = bind("deployment.listen", self.config.deployment.listen).await?;
        let _metrics = match self.config.telemetry.metrics_listen {
            Some(wanted) => Some(Metrics::serve(bind("telemetry.metrics_listen", wanted).await?)),
            None => None,
        };
        let address = listener.local_addr()?;
        tracing::info!(%address, "listening");
        // a closed standard output is no reason not to serve
        let _ = writeln!(std::io::stdout(), "listening on http://{address}");
        let router = router.layer(self.forwarded());
        let (limits, trusted) = (self.clients(), self.config.deployment.proxies());
        let open = connections::serve(listener, router, limits, trusted, stopped()).await;
        if tokio::time::timeout(GRACE, open).await.is_err() {
            tracing::warn!("requests were still open after the grace period");
        }
        Ok(())
    }

    fn clients(&self) -> Limits {
        let section = &self.config.limits;
        Limits {
            head: HEAD,
            unread: Duration::from_secs(section.unread_seconds),
            connections: CONNECTIONS,
            each_address: section.address_connections,
        }
    }
}

async fn bind(key: &'static str, wanted: SocketAddr) -> Result<TcpListener, ServeError> {
    let bound = TcpListener::bind(wanted).await;
    bound.map_err(|error| ServeError::Bind(key, wanted, error))
}

/// Serves `/metrics` until it is dropped.
struct Metrics(JoinHandle<()>);

impl Metrics {
    fn serve(listener: TcpListener) -> Self {
        let router = Router::new()
            .route("/metrics", metrics_handler())
            .fallback(not_found);
        let trusted = TrustedProxies::default();
        let serving = connections::serve(listener, router, SCRAPES, trusted, std::future::pending());
        Self(tokio::spawn(async move { serving.await.await }))
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
