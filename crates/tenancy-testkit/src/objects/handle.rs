//! The server that tests hold.

use std::fmt;

use tokio::sync::OnceCell;

use super::server;
use crate::machine::{Running, ServerError, blocking, free_port};

/// An object server of our own with the JSON API of Google Cloud Storage (and its XML API as far as signed URLs need it), on a
/// free port of loopback. It keeps everything in memory.
///
/// It is `fake-gcs-server` with corrections: generation preconditions hold on every call, a cut resumable upload keeps
/// whole quanta of 256 KiB and says how much it has, content types and checksums survive. It does **not** check
/// credentials, signatures, IAM, lifecycle, retention or keys of encryption: it takes them and forgets them.
///
/// It stops when this is dropped or the process ends in any way, `kill -9` included. The program is the one that
/// `TENANCY_OBJECT_SERVER_BIN` names, or else it is in the cache (`TENANCY_CACHE`), or with `TENANCY_INSTALL=1` Go builds
/// it there once.
pub struct ObjectServer {
    port: u16,
    running: Running,
}

impl ObjectServer {
    /// Starts a server without buckets.
    ///
    /// # Errors
    ///
    /// When there is no program (the message says how to get it) or it does not start.
    pub async fn start() -> Result<Self, ServerError> {
        let objects = Self {
            port: free_port().map_err(|error| ServerError::Io("find a free port".to_owned(), error))?,
            running: Running::default(),
        };
        objects.restart().await?;
        Ok(objects)
    }

    /// The one server of this process; who uses it has buckets of its own. It stops when the process ends.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn shared() -> Result<&'static Self, ServerError> {
        static SHARED: OnceCell<ObjectServer> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// The port on 127.0.0.1, the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where clients find it, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes a bucket. One that exists stays as it is.
    ///
    /// # Errors
    ///
    /// When the server refuses the name, or does not answer.
    pub async fn create_bucket(&self, name: &str) -> Result<(), ServerError> {
        let body = format!(r#"{{"name":"{name}"}}"#);
        match self.ask("POST", "/storage/v1/b?project=test", body).await? {
            200 | 409 => Ok(()),
            status => Err(refused(status)),
        }
    }

    /// Upload sessions that begin from now on are at `url`, where a proxy of the test stands, instead of [`url`](Self::url).
    ///
    /// # Errors
    ///
    /// When the server does not answer.
    pub async fn seen_at(&self, url: &str) -> Result<(), ServerError> {
        match self.ask("POST", "/_kit/seen-at", url.to_owned()).await? {
            200 => Ok(()),
            status => Err(refused(status)),
        }
    }

    async fn ask(
        &self,
        method: &'static str,
        target: &'static str,
        body: String,
    ) -> Result<u16, ServerError> {
        let port = self.port;
        blocking(move || server::ask(port, method, target, &body)).await?
    }

    /// Kills the server, as `kill -9` does. What it held is lost. Returns when it is gone.
    ///
    /// # Errors
    ///
    /// When the runtime is shutting down.
    pub async fn kill(&self) -> Result<(), ServerError> {
        self.running.kill().await
    }

    /// Starts an empty server on the same port, after [`kill`](Self::kill). A running one is killed first.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); when something else has taken the port, too.
    pub async fn restart(&self) -> Result<(), ServerError> {
        let port = self.port;
        self.running.restart(move || server::start(port)).await
    }
}

fn refused(status: u16) -> ServerError {
    let error = std::io::Error::other(format!("it answered with {status}"));
    ServerError::Io("have the object server do it".to_owned(), error)
}

impl fmt::Debug for ObjectServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectServer")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
