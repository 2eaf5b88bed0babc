//! One running server, tied to the life of this process.

use std::{
    env, fs,
    io::Write,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};

use super::{
    account::{Account, temporary},
    error::{PostgresError, While},
    find, password,
};

/// How long a start may take, on a machine that is busy compiling.
const START: Duration = Duration::from_secs(90);
/// How long a stop may take.
const STOP: Duration = Duration::from_secs(15);
const GLANCE: Duration = Duration::from_millis(10);
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
/// ends, however it ends: a small shell in a process group of its own reads a pipe that only this process writes to.
pub(super) struct Server {
    port: u16,
    password: SecretString,
    folder: PathBuf,
    watchdog: Child,
    leash: Option<ChildStdin>,
}

impl Server {
    /// Makes a data folder and starts a server on it. Blocks for a second or so, [`START`] at most.
    pub(super) fn start() -> Result<Self, PostgresError> {
        let account = Account::choose()?;
        let bin = find::binaries(account)?;
        let (folder, password) = prepare(account)?;
        let mut watchdog = launch(&bin, &folder, account).inspect_err(|_| {
            let _ = fs::remove_dir_all(&folder);
        })?;
        let leash = watchdog.stdin.take();
        let mut server = Self {
            port: 0,
            password,
            folder,
            watchdog,
            leash,
        };
        let deadline = Instant::now() + START;
        server.wait(&bin, deadline, |folder| folder.join("made").exists())?;
        server.port = server.listen()?;
        server.wait(&bin, deadline, is_ready)?;
        Ok(server)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn password(&self) -> &SecretString {
        &self.password
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Tells the watchdog a port that was free a moment ago.
    fn listen(&mut self) -> Result<u16, PostgresError> {
        let mut tell = || {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            if let Some(leash) = &mut self.leash {
                writeln!(leash, "{port}")?;
            }
            Ok(port)
        };
        tell().during(|| "give the server a port".to_owned())
    }

    fn wait(&mut self, bin: &Path, deadline: Instant, there: fn(&Path) -> bool) -> Result<(), PostgresError> {
        while !there(&self.folder) {
            let ended =
                self.folder.join("stopped").exists() || matches!(self.watchdog.try_wait(), Ok(Some(_)));
            if ended || Instant::now() > deadline {
                return Err(PostgresError::Start {
                    bin: bin.to_owned(),
                    why: if ended {
                        "does not start"
                    } else {
                        "is not ready in time"
                    },
                    log: tail(&fs::read_to_string(self.folder.join("log")).unwrap_or_default()),
                });
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Stops the server and waits until it is gone, [`STOP`] at most. Blocks.
    pub(super) fn stop(mut self) {
        drop(self.leash.take());
        let deadline = Instant::now() + STOP;
        while matches!(self.watchdog.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
    }
}

/// A folder that only the server's user enters, with the superuser's password in a file for `initdb`.
fn prepare(account: Option<Account>) -> Result<(PathBuf, SecretString), PostgresError> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let name = format!("tenancy-postgres-{}", uuid::Uuid::now_v7().simple());
    let folder = temporary(account).join(name);
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .during(|| format!("make `{}`", folder.display()))?;
    let password = password::random()?;
    let path = folder.join("password");
    let mut options = fs::OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(password.expose_secret().as_bytes()))
        .during(|| format!("write `{}`", path.display()))?;
    if let Some(account) = account {
        account.own(&path)?;
        account.own(&folder)?;
    }
    Ok((folder, password))
}

/// Starts the watchdog: with nothing of this process's environment, and out of reach of the terminal's Ctrl-C.
fn launch(bin: &Path, folder: &Path, account: Option<Account>) -> Result<Child, PostgresError> {
    let mut command = Command::new("sh");
    command
        .args(["-c", WATCHDOG, "tenancy-postgres"])
        .args([folder, bin])
        .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C")
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(account) = account {
        account.apply(&mut command);
    }
    command.spawn().during(|| "start a shell".to_owned())
}

/// What `pg_ctl` waits for: the last line of the file that the server keeps of itself.
fn is_ready(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    text.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

/// The last lines of a log.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .get(lines.len().saturating_sub(12)..)
        .unwrap_or_default()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_the_end_of_a_log() {
        assert_eq!(tail(""), "");
        assert_eq!(tail("a\nb"), "a\nb");
        let long: String = (0..30).map(|n| format!("{n}\n")).collect();
        assert!(tail(&long).starts_with("18\n") && tail(&long).ends_with("\n29"));
    }
}
