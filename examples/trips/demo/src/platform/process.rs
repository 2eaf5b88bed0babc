//! Services as processes.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::{Failure, Result, error::While};

/// How long a service may take to accept: its boot check runs in that time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Ends the service when this process ends, however it ends: the shell reads our end of its standard input.
const SUPERVISE: &str = r#""$0" "$@" </dev/null & child=$!; cat >/dev/null; kill -TERM "$child" 2>/dev/null; wait "$child""#;

/// A running service.
pub struct Instance {
    url: String,
    log: PathBuf,
    _supervisor: Child,
}

impl Instance {
    /// Starts `binary` with a configuration, and waits until it accepts.
    pub async fn start(binary: &Path, config: &Path) -> Result<Self> {
        let log = config.with_extension("log");
        let output = std::fs::File::create(&log).during("create a log")?;
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISE])
            .arg(binary)
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(output)
            .spawn()
            .during("start a service")?;
        let stdout = supervisor.stdout.take().ok_or_else(|| Failure::new("start a service", "no output"))?;
        let url = match tokio::time::timeout(PATIENCE, listening(BufReader::new(stdout))).await {
            Ok(Some(url)) => url,
            _ => return Err(Failure::new(format!("start `{}`", binary.display()), tail(&log))),
        };
        Ok(Self { url, log, _supervisor: supervisor })
    }

    /// Where it listens: `http://address`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its log is.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }
}

async fn listening(output: BufReader<tokio::process::ChildStdout>) -> Option<String> {
    let mut lines = output.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(url) = line.strip_prefix("listening on ") {
            return Some(url.to_owned());
        }
    }
    None
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().rev().take(5).rev().copied().collect::<Vec<_>>().join("\n")
}
