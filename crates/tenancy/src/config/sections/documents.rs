//! `[documents]`: where document databases are, and as whom they are reached.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use tenancy_core::{ProjectId, SecretRef};
use tenancy_documents::{DocumentOptions, DocumentStores, ProjectAccess};

use crate::config::{ConfigError, check::within};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DocumentsSection {
    projects: BTreeMap<ProjectId, Access>,
    emulator: Option<String>,
    max_databases: u64,
    call_seconds: u64,
}

/// `ambient`, or a reference to a key.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Access(ProjectAccess);

impl TryFrom<String> for Access {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "ambient" {
            return Ok(Self(ProjectAccess::Ambient));
        }
        // what was written may be the key itself, so it is not repeated
        let key = text.parse::<SecretRef>();
        key.map(|key| Self(ProjectAccess::Key(key))).map_err(|_| {
            "`ambient`, or a reference to a service account's key: `file:/path` or `env:NAME`".to_owned()
        })
    }
}

impl Default for DocumentsSection {
    fn default() -> Self {
        Self {
            projects: BTreeMap::new(),
            emulator: None,
            max_databases: 256,
            call_seconds: 30,
        }
    }
}

impl DocumentsSection {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        within("documents.max_databases", self.max_databases, 10_000)?;
        within("documents.call_seconds", self.call_seconds, 300)?;
        if self.emulator.is_some() && !self.projects.is_empty() {
            return Err(ConfigError::key(
                "documents.emulator",
                "an emulator has every project: remove it, or `documents.projects`",
            ));
        }
        Ok(())
    }

    pub(crate) fn stores(&self) -> Result<DocumentStores, ConfigError> {
        let mut options = DocumentOptions::default();
        options.max_clients = self.max_databases;
        options.call_timeout = Duration::from_secs(self.call_seconds);
        let Some(url) = &self.emulator else {
            let projects = self.projects.clone().into_iter();
            return Ok(DocumentStores::new(
                projects.map(|(project, access)| (project, access.0)),
                options,
            ));
        };
        DocumentStores::emulator(url, options).map_err(|error| {
            ConfigError::key("documents.emulator", error.log().unwrap_or("it can't be used"))
        })
    }
}
