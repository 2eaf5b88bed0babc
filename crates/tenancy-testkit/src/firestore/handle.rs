//! The server that tests hold.

use std::{fmt, io, net::Ipv4Addr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::OnceCell,
};

use super::server;
use crate::machine::{Running, ServerError, While, free_port};

/// How long the removal of a database's documents may take.
const WIPE: Duration = Duration::from_secs(30);

static SHARED: OnceCell<Firestore> = OnceCell::const_new();

/// A running Firestore emulator of our own, on a free port of loopback, that keeps nothing on disk.
///
/// It stops, and its folder vanishes, when this is dropped or the process ends in any way, `kill -9` included.
///
/// The emulator is the jar that `TENANCY_FIRESTORE_JAR` names, or else that of the cloud SDK on the machine, run by the Java
/// of `JAVA_HOME` or of the path. Nothing is installed.
///
/// What it does not check, and the service does: that a database exists (any name is made by its first use), that a query
/// has its index, limits of size and rate, and who asks.
pub struct Firestore {
    port: u16,
    running: Running,
}

impl Firestore {
    /// Starts an emulator. Takes two seconds or so, 90 at most.
    ///
    /// # Errors
    ///
    /// When there is none (the message says how to get it) or it does not start (the message ends with its log).
    pub async fn start() -> Result<Self, ServerError> {
        let firestore = Self {
            port: free_port().during(|| "find a free port".to_owned())?,
            running: Running::default(),
        };
        firestore.restart().await?;
        Ok(firestore)
    }

    /// The one emulator that all tests of this process share. Each takes a project of its own: projects share nothing.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); the next call tries again.
    pub async fn shared() -> Result<&'static Self, ServerError> {
        SHARED.get_or_try_init(Self::start).await
    }

    /// The port on 127.0.0.1, the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How to reach it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Removes every document of one database, and of no other.
    ///
    /// # Errors
    ///
    /// When the emulator does not do it in time.
    pub async fn wipe(&self, project: &str, database: &str) -> Result<(), ServerError> {
        let ask = format!(
            "DELETE /emulator/v1/projects/{project}/databases/{database}/documents HTTP/1.1\r\nHost: 127.0.0.1\r\n\
             Connection: close\r\nContent-Length: 0\r\n\r\n"
        );
        let asked = tokio::time::timeout(WIPE, said(self.port, &ask)).await;
        let said = asked.unwrap_or_else(|late| Err(io::Error::other(late)));
        let done = said.and_then(|said| match &said {
            b"HTTP/1.1 200" => Ok(()),
            other => Err(io::Error::other(String::from_utf8_lossy(other).into_owned())),
        });
        done.during(|| format!("remove the documents of the database `{database}`"))
    }

    /// Kills the emulator, as `kill -9` does. What it held is lost. Returns when it is gone.
    ///
    /// # Errors
    ///
    /// When the runtime is shutting down.
    pub async fn kill(&self) -> Result<(), ServerError> {
        self.running.kill().await
    }

    /// Starts an empty emulator on the same port, after [`kill`](Self::kill). A running one is killed first.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); when something else has taken the port, too.
    pub async fn restart(&self) -> Result<(), ServerError> {
        let port = self.port;
        self.running.restart(move || server::start(port)).await
    }
}

/// The status line's beginning: the emulator does not close when it is asked to.
async fn said(port: u16, ask: &str) -> io::Result<[u8; 12]> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(ask.as_bytes()).await?;
    let mut said = [0; 12];
    stream.read_exact(&mut said).await?;
    Ok(said)
}

impl fmt::Debug for Firestore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Firestore")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
