//! The services' log: in a file, out of the way, and asked for the reason that a client is not told.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde_json::Value;
use tenancy_core::RequestId;
use tracing_subscriber::{EnvFilter, fmt};

use crate::world::{Result, failure::While};

/// A file that this process logs to: JSON, a line for each event.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
}

impl LogFile {
    /// Sends all logs of this process to a new file. `TENANCY_LOG` filters (`info` by default).
    ///
    /// # Errors
    ///
    /// When the file can't be made, or logs go elsewhere already.
    pub fn start(path: &Path) -> Result<Self> {
        let what = || format!("log to `{}`", path.display());
        let file = File::create_new(path).during(what)?;
        let filter = EnvFilter::try_from_env("TENANCY_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
        let output = fmt()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_env_filter(filter)
            .with_writer(Mutex::new(file));
        output
            .try_init()
            .map_err(|error| crate::world::Failure::new(what(), error))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why a request was refused, for those who may read the log.
    pub(super) fn reason(&self, request: RequestId) -> Option<String> {
        let request = request.to_string();
        let lines = self.tail()?;
        let events = lines.lines().rev().filter(|line| line.contains(&request));
        let refusal = |line: &str| {
            let event: Value = serde_json::from_str(line).ok()?;
            let reason = event.get("log")?.as_str()?.to_owned();
            (!reason.is_empty()).then_some(reason)
        };
        events.filter_map(refusal).next()
    }

    /// The last lines: those of the request that was just answered are among them.
    fn tail(&self) -> Option<String> {
        const ENOUGH: u64 = 64 << 10;
        let mut file = File::open(&self.path).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(ENOUGH))).ok()?;
        let mut tail = Vec::new();
        file.take(ENOUGH).read_to_end(&mut tail).ok()?;
        Some(String::from_utf8_lossy(&tail).into_owned())
    }
}
