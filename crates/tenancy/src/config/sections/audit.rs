//! `[audit]`: where decisions about tenants whose plan has the audit log are told.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    sync::Arc,
};

use serde::Deserialize;
use tenancy_core::{AuditSink, AuditStream, TracingAudit};

use crate::config::{ConfigError, check::within};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditSection {
    pub(crate) file: Option<PathBuf>,
    pub(crate) waits: usize,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self {
            file: None,
            waits: 8192,
        }
    }
}

impl AuditSection {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        within("audit.waits", self.waits as u64, 1_000_000)
    }

    /// The stream, or the log without one.
    pub(crate) fn sink(&self) -> Result<Arc<dyn AuditSink>, ConfigError> {
        let Some(path) = &self.file else {
            return Ok(Arc::new(TracingAudit));
        };
        let refuse = |error: std::io::Error| ConfigError::key("audit.file", error.to_string());
        let file = append(path).map_err(refuse)?;
        Ok(Arc::new(AuditStream::to(file, self.waits).map_err(refuse)?))
    }
}

/// Whole lines at the end: who rotates the file by copying and truncating it loses none that comes later.
fn append(path: &PathBuf) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
