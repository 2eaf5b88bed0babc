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

/// What a server that is to have replicas is told beside that. One that was cut off for a while finds the log still there.
const WITH_REPLICAS: [&str; 3] = ["wal_level=replica", "max_wal_senders=8", "wal_keep_size=1GB"];

/// Whether a server is to have replicas. One without writes less.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    Minimal,
    Replicated,
}

/// Where the server is that a replica follows.
pub(super) struct Followed {
    /// The port that leads to it.
    pub(super) port: u16,
    /// A role that may replicate.
    pub(super) role: &'static str,
    pub(super) password: SecretString,
}

/// A server that listens on loopback. It stops, and its folder vanishes, when this value is dropped or the process
/// ends, however it ends.
pub(super) struct Server {
    port: u16,
    password: SecretString,
    process: Leashed,
}

impl Server {
    /// Makes a data folder and starts a server on it. Blocks for a second or so, [`START`] at most.
    pub(super) fn start(log: Log) -> Result<Self, ServerError> {
        let account = Account::choose()?;
        let bin = find::binaries(account)?;
        let (folder, password) = prepare(account)?;
        let more = match log {
            Log::Minimal => Vec::new(),
            Log::Replicated => WITH_REPLICAS.map(str::to_owned).to_vec(),
        };
        Self::run((&bin, account), folder, &more, password)
    }

    /// Copies the data of a server and starts a standby of it. Blocks for some seconds, [`START`] at most. `password` is the
    /// superuser's.
    pub(super) fn follow(followed: &Followed, password: SecretString) -> Result<Self, ServerError> {
        let account = Account::choose()?;
        let bin = find::binaries(account)?;
        if !bin.join("pg_basebackup").is_file() {
            return Err(ServerError::Missing(format!(
                "`{}` has no `pg_basebackup`, which a replica takes: install PostgreSQL's client programs there, or name \
                 another folder in {}",
                bin.display(),
                find::VARIABLE
            )));
        }
        let folder = prepare_replica(followed, account)?;
        let source = format!("primary_conninfo={}", leads_to(followed, Some(&folder)));
        let more: Vec<_> = WITH_REPLICAS
            .map(str::to_owned)
            .into_iter()
            .chain([source])
            .collect();
        Self::run((&bin, account), folder, &more, password)
    }

    fn run(
        (bin, account): (&Path, Option<Account>),
        folder: PathBuf,
        more: &[String],
        password: SecretString,
    ) -> Result<Self, ServerError> {
        let mut process = launch(bin, folder, account, more)?;
        let deadline = Instant::now() + START;
        process.wait(bin, deadline, |folder| folder.join("made").exists())?;
        let told = free_port().and_then(|port| process.tell(port).map(|()| port));
        let port = told.during(|| "give the server a port".to_owned())?;
        process.wait(bin, deadline, is_ready)?;
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

/// A folder like that, with where the copy comes from, and the login in a file of the server's user alone.
fn prepare_replica(followed: &Followed, account: Option<Account>) -> Result<PathBuf, ServerError> {
    let folder = private_folder("replica", account)?;
    let login = format!("*:*:*:{}:{}\n", followed.role, followed.password.expose_secret());
    write_private(&folder.join("login"), &login, account)?;
    write_private(&folder.join("primary"), &leads_to(followed, None), account)?;
    if let Some(account) = account {
        account.own(&folder)?;
    }
    Ok(folder)
}

/// How the primary is reached, in the words of its client library; with the file of the login for one that stays.
fn leads_to(followed: &Followed, folder: Option<&Path>) -> String {
    let (port, role) = (followed.port, followed.role);
    let login = folder.map_or_else(String::new, |folder| {
        format!(" passfile='{}'", folder.join("login").display())
    });
    format!("host=127.0.0.1 port={port} user={role}{login}")
}

fn launch(
    bin: &Path,
    folder: PathBuf,
    account: Option<Account>,
    more: &[String],
) -> Result<Leashed, ServerError> {
    let at = folder.clone();
    let settings = SETTINGS
        .into_iter()
        .chain(more.iter().map(String::as_str))
        .flat_map(|setting| ["-c", setting])
        .map(OsStr::new);
    let arguments = [at.as_os_str(), bin.as_os_str()].into_iter().chain(settings);
    Leashed::start(("tenancy-postgres", WATCHDOG), folder, account, arguments)
}

/// What `pg_ctl` waits for: the last line of the file that the server keeps of itself.
fn is_ready(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let status = text.lines().nth(7).map(str::trim);
    // a standby says that it is one when it takes readers
    status.is_some_and(|status| status == "ready" || status == "standby")
}
