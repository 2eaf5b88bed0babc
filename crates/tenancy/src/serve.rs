//! Serves a router at the configured address.

use std::{fmt, io::Write, net::SocketAddr, time::Duration};

use axum::Router;
use tokio::net::TcpListener;

use crate::{
    Tenancy,
    causes::causes,
    connections::{self, Limits},
};

/// How long requests may go on after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

const LIMITS: Limits = Limits {
    head: Duration::from_secs(30),
    connections: 10_000,
};

/// Why serving ended. `Debug` tells the causes too.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address can't be used.
    #[error("`deployment.listen`: the address `{0}` can't be used")]
    Bind(SocketAddr, #[source] std::io::Error),
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
    /// HTTP/1.1, up to 10,000 connections at one time. A client has 30 seconds to send a request's head, and to begin the
    /// next one on the same connection.
    ///
    /// Prints `listening on http://<address>` once it accepts: with port 0 the system chooses.
    ///
    /// # Errors
    ///
    /// When the address can't be used.
    pub async fn serve(&self, router: Router) -> Result<(), ServeError> {
        let wanted = self.config.deployment.listen;
        let listener = TcpListener::bind(wanted)
            .await
            .map_err(|e| ServeError::Bind(wanted, e))?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "listening");
        // a closed standard output is no reason not to serve
        let _ = writeln!(std::io::stdout(), "listening on http://{address}");
        let router = router.layer(self.forwarded());
        let open = connections::serve(listener, router, LIMITS, stopped()).await;
        if tokio::time::timeout(GRACE, open).await.is_err() {
            tracing::warn!("requests were still open after the grace period");
        }
        Ok(())
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
