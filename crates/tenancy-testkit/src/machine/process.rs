//! A server's process, tied to the life of this one.

use std::{
    env, fs,
    io::{self, Write},
    net::{Ipv4Addr, TcpListener},
    os::unix::{
        fs::{DirBuilderExt, OpenOptionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    account::{Account, temporary},
    error::{ServerError, While},
};

/// The watchdog of a server that keeps nothing: its folder with `settings`, and its program.
pub(crate) const FORGETFUL: &str = include_str!("watchdog.sh");
/// How long a look at a server that starts or stops is from the next.
const GLANCE: Duration = Duration::from_millis(10);
/// How long a stop may take.
const STOP: Duration = Duration::from_secs(15);

/// A watchdog: a small shell in a process group of its own that reads a pipe which only this process writes to. When the
/// pipe closes, in whatever way this process ends, it stops its server and removes its folder.
pub(crate) struct Leashed {
    watchdog: Child,
    leash: Option<ChildStdin>,
    folder: PathBuf,
}

impl Leashed {
    /// Runs `script` with `arguments`: with nothing of this process's environment, out of reach of the terminal's Ctrl-C.
    /// The folder is removed when that fails.
    pub(crate) fn start<'a>(
        (name, script): (&str, &str),
        folder: PathBuf,
        account: Option<Account>,
        arguments: impl IntoIterator<Item = &'a std::ffi::OsStr>,
    ) -> Result<Self, ServerError> {
        let mut command = Command::new("sh");
        command
            .args(["-c", script, name])
            .args(arguments)
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
        let started = command.spawn().during(|| "start a shell".to_owned());
        let mut watchdog = started.inspect_err(|_| {
            let _ = fs::remove_dir_all(&folder);
        })?;
        let leash = watchdog.stdin.take();
        Ok(Self {
            watchdog,
            leash,
            folder,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sends the watchdog a line.
    pub(crate) fn tell(&mut self, line: impl std::fmt::Display) -> io::Result<()> {
        match &mut self.leash {
            Some(leash) => writeln!(leash, "{line}"),
            None => Ok(()),
        }
    }

    /// Waits until the server is as far as `there` says. Blocks.
    pub(crate) fn wait(
        &mut self,
        bin: &Path,
        deadline: Instant,
        there: impl Fn(&Path) -> bool,
    ) -> Result<(), ServerError> {
        while !there(&self.folder) {
            let ended =
                self.folder.join("stopped").exists() || matches!(self.watchdog.try_wait(), Ok(Some(_)));
            if ended || Instant::now() > deadline {
                let why = if ended {
                    "does not start"
                } else {
                    "is not ready in time"
                };
                return Err(ServerError::Start {
                    bin: bin.to_owned(),
                    why,
                    log: tail(&fs::read_to_string(self.folder.join("log")).unwrap_or_default()),
                });
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Lets go, and waits until the server and its folder are gone, [`STOP`] at most. Blocks.
    pub(crate) fn stop(mut self) {
        drop(self.leash.take());
        let deadline = Instant::now() + STOP;
        while matches!(self.watchdog.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
    }
}

/// A port of loopback that was free a moment ago.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A new folder for one server, which only this user enters until it is given away.
pub(crate) fn private_folder(kind: &str, account: Option<Account>) -> Result<PathBuf, ServerError> {
    let name = format!("tenancy-{kind}-{}", uuid::Uuid::now_v7().simple());
    let folder = temporary(account).join(name);
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .during(|| format!("make `{}`", folder.display()))?;
    Ok(folder)
}

/// Writes a file that only the server's user reads.
pub(crate) fn write_private(path: &Path, text: &str, account: Option<Account>) -> Result<(), ServerError> {
    let mut options = fs::OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .during(|| format!("write `{}`", path.display()))?;
    account.map_or(Ok(()), |account| account.own(path))
}

/// Runs `work` beside the runtime.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServerError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)
        .during(|| "run a server beside the runtime".to_owned())
}

/// The last lines of a log.
pub(crate) fn tail(text: &str) -> String {
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
