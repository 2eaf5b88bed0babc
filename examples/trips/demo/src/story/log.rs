//! The services' log: in a file, out of the way, and asked for the reason that a client is not told.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;
use tenancy::telemetry::{self, Telemetry, TraceOptions};
use tenancy_core::RequestId;
use tracing_subscriber::{EnvFilter, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::world::{Result, failure::While};

/// What this process says of itself: logs in a file (JSON, a line for each event), metrics, and traces.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    _traces: Telemetry,
}

/// What the story looks for is logged whatever the filter says.
const ALWAYS: [&str; 3] = [
    "tenancy::request=error",
    "tenancy::audit=info",
    "tenancy::operator=warn",
];

impl LogFile {
    /// Sends all logs of this process to a new file, and its traces to an OTLP receiver. `TENANCY_LOG` filters (`info` by default).
    ///
    /// # Errors
    ///
    /// When the file can't be made, or logs go elsewhere already.
    pub fn start(path: &Path, receiver: &str) -> Result<Self> {
        let what = || format!("log to `{}`", path.display());
        let file = Arc::new(File::create_new(path).during(what)?);
        let mut filter = EnvFilter::try_from_env("TENANCY_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
        for target in ALWAYS {
            filter = filter.add_directive(target.parse().during(what)?);
        }
        let options = TraceOptions::new(receiver, "trips");
        let (traces, kept) = telemetry::trace_layer(&options).during(what)?;
        let registry = Registry::default().with(filter).with(telemetry::json(file));
        registry.with(traces).try_init().during(what)?;
        // metrics: the subscriber stays
        telemetry::init();
        Ok(Self {
            path: path.to_owned(),
            _traces: kept,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why a request was refused, for those who may read the log.
    pub(super) fn reason(&self, request: RequestId) -> Option<String> {
        let reason = |line: &Value| {
            let reason = line.get("log")?.as_str()?.to_owned();
            (!reason.is_empty()).then_some(reason)
        };
        reason(&self.line(request, |line| reason(line).is_some())?)
    }

    /// The last line of a request that is such a one.
    pub(super) fn line(&self, request: RequestId, is: impl Fn(&Value) -> bool) -> Option<Value> {
        let request = request.to_string();
        let lines = self.tail()?;
        let lines = lines.lines().rev().filter(|line| line.contains(&request));
        let mut lines = lines.filter_map(|line| serde_json::from_str(line).ok());
        lines.find(is)
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
