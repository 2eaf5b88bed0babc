//! Tenants and members from a file: a directory without a registry.

use std::path::Path;

use serde::Deserialize;
use tenancy_core::{Role, StaticMember, Subject, TenantId, TenantRecord, UserId};

use super::{ConfigError, load};

/// `[[tenants]]` and `[[members]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DirectoryFile {
    pub(crate) tenants: Vec<TenantRecord>,
    #[serde(default)]
    members: Vec<MemberRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberRow {
    tenant: TenantId,
    subject: Subject,
    user: UserId,
    role: Role,
}

impl DirectoryFile {
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        load::typed(load::read(path)?)
    }

    /// The members, each in its tenant's user pool.
    pub(crate) fn members(&self) -> Result<Vec<StaticMember>, ConfigError> {
        let pool_of = |tenant| {
            self.tenants
                .iter()
                .find(|record| record.id == tenant)
                .map(|r| r.identity_tenant.clone())
        };
        let member = |row: &MemberRow| {
            let pool = pool_of(row.tenant).ok_or_else(|| {
                ConfigError::key("members.tenant", format!("no tenant has the id `{}`", row.tenant))
            })?;
            Ok(StaticMember {
                tenant: row.tenant,
                pool,
                subject: row.subject.clone(),
                user: row.user,
                role: row.role,
            })
        };
        self.members.iter().map(member).collect()
    }
}
