//! One running server, tied to the life of this process.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};

use super::find;
use crate::machine::{
    Account, Leashed, ServerError, While, free_port, private_folder, random, write_private,
};

/// How long a start may take, on a machine that is busy compiling.
const START: Duration = Duration::from_secs(90);
const WATCHDOG: &str = include_str!("watchdog.sh");

/// Durability is off: the data does not outlive the server. Autovacuum would hold a template open while it is copied.
const SETTINGS: [&str; 11] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=64MB",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
];

/// A server that listens on loopback. It stops, and its folder vanishes, when this value is dropped or the process
/// ends, however it ends.
pub(super) struct Server {
    port: u16,
    password: SecretString,
    process: Leashed,
}

impl Server {
    /// Makes a data folder and starts a server on it. Blocks for a second or so, [`START`] at most.
    pub(super) fn start() -> Result<Self, ServerError> {
        let account = Account::choose()?;
        let bin = find::binaries(account)?;
        let (folder, password) = prepare(account)?;
        let mut process = launch(&bin, folder, account)?;
        let deadline = Instant::now() + START;
        process.wait(&bin, deadline, |folder| folder.join("made").exists())?;
        let told = free_port().and_then(|port| process.tell(port).map(|()| port));
        let port = told.during(|| "give the server a port".to_owned())?;
        process.wait(&bin, deadline, is_ready)?;
        Ok(Self {
            port,
            password,
            process,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn password(&self) -> &SecretString {
        &self.password
    }

    pub(super) fn folder(&self) -> &Path {
        self.process.folder()
    }

    /// Stops the server and waits until it is gone. Blocks.
    pub(super) fn stop(self) {
        self.process.stop();
    }
}

/// A folder that only the server's user enters, with the superuser's password in a file for `initdb`.
fn prepare(account: Option<Account>) -> Result<(PathBuf, SecretString), ServerError> {
    let folder = private_folder("postgres", account)?;
    let password = random()?;
    write_private(&folder.join("password"), password.expose_secret(), account)?;
    if let Some(account) = account {
        account.own(&folder)?;
    }
    Ok((folder, password))
}

fn launch(bin: &Path, folder: PathBuf, account: Option<Account>) -> Result<Leashed, ServerError> {
    let at = folder.clone();
    let settings = SETTINGS
        .iter()
        .flat_map(|setting| ["-c", setting])
        .map(OsStr::new);
    let arguments = [at.as_os_str(), bin.as_os_str()].into_iter().chain(settings);
    Leashed::start(("tenancy-postgres", WATCHDOG), folder, account, arguments)
}

/// What `pg_ctl` waits for: the last line of the file that the server keeps of itself.
fn is_ready(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    text.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}
