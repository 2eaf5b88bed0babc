//! The words of the command line.

use std::path::PathBuf;

use tenancy_sql::audit::{Auditor, Convention, Probe, Severity};

use super::format::Format;
use crate::database::DatabaseArg;

/// Proves that a database isolates tenants, whoever made its schema: asks the catalog as a role sees it, tries what it promises,
/// and says what mends it. Changes nothing.
#[derive(clap::Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(super) database: DatabaseArg,
    /// The role that serves, whose view is taken; without it, the role that connects.
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// The column of the tenant [default: tenant_id].
    #[arg(long, value_name = "NAME")]
    tenant_column: Option<String>,
    /// The setting of the session's tenant that policies read [default: app.current_tenant].
    #[arg(long, value_name = "NAME")]
    setting: Option<String>,
    /// The one function that policies may take the setting from, as `schema.name()`; without it, any that reads it.
    #[arg(long, value_name = "FUNCTION")]
    function: Option<String>,
    /// A schema to look at, several times; all but the server's own without it.
    #[arg(long, value_name = "NAME")]
    schema: Vec<String>,
    /// What is known and borne: a TOML file of `[[waiver]]` with `rule`, `object`, `reason` and `expires`.
    #[arg(long, value_name = "FILE")]
    pub(super) waivers: Option<PathBuf>,
    /// How it is told.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Reads without a tenant, as one that does not exist, and as one of two that are there (the default).
    #[arg(long, overrides_with = "no_probe")]
    probe: bool,
    /// Asks the catalog alone.
    #[arg(long, conflicts_with = "probe_writes")]
    no_probe: bool,
    /// Also tries to write rows of another tenant, and rolls them back. Fires triggers: for a database that nobody lives in.
    #[arg(long)]
    probe_writes: bool,
    /// From what on the exit code is 1.
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub(super) fail_on: Severity,
}

impl AuditArgs {
    pub(super) fn auditor(&self) -> Auditor {
        let mut auditor = Auditor::new()
            .probe(self.tried())
            .schemas(self.schema.iter().cloned());
        if let Some(role) = &self.role {
            auditor = auditor.role(role.clone());
        }
        match self.convention() {
            Some(convention) => auditor.convention(convention),
            None => auditor,
        }
    }

    fn tried(&self) -> Probe {
        match (self.no_probe, self.probe_writes) {
            (true, _) => Probe::Off,
            (false, true) => Probe::Writes,
            (false, false) => Probe::Reads,
        }
    }

    /// None where nothing was said: then the database tells by whose convention it is made.
    fn convention(&self) -> Option<Convention> {
        if self.tenant_column.is_none() && self.setting.is_none() && self.function.is_none() {
            return None;
        }
        let usual = Convention::usual();
        Some(Convention {
            column: self.tenant_column.clone().unwrap_or(usual.column),
            setting: self.setting.clone().unwrap_or(usual.setting),
            function: self.function.clone(),
        })
    }
}
