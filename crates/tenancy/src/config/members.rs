//! Tenants and members from a file: a directory without a registry.

use std::{collections::HashSet, path::Path};

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

    /// The members, each once, in its tenant's user pool.
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
                role: row.role.into(),
            })
        };
        self.each_once()?;
        self.members.iter().map(member).collect()
    }

    /// Of two roles of one user, the order of lines must not choose.
    fn each_once(&self) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        match self
            .members
            .iter()
            .find(|row| !seen.insert((row.tenant, &row.subject)))
        {
            None => Ok(()),
            Some(row) => {
                let problem = format!("`{}` is named twice in the tenant `{}`", row.subject, row.tenant);
                Err(ConfigError::key("members.subject", problem))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tenancy_core::TenantId;

    use super::*;

    fn members(subjects: [&str; 2], tenants: [TenantId; 2]) -> Result<usize, String> {
        let id = tenants[0];
        let mut text = format!(
            "[[tenants]]\nid = \"{id}\"\nslug = \"acme\"\nname = \"Acme\"\ntier = \"standard\"\n\
             status = \"active\"\nidentity_tenant = \"acme-x1y2z\"\nplacement = {{ epoch = 0 }}\n"
        );
        for (subject, tenant) in subjects.into_iter().zip(tenants) {
            text += &format!(
                "[[members]]\ntenant = \"{tenant}\"\nsubject = \"{subject}\"\nuser = \"{}\"\nrole = \"owner\"\n",
                UserId::new()
            );
        }
        let file: DirectoryFile = load::typed(text.parse().unwrap()).unwrap();
        file.members()
            .map(|all| all.len())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_member_is_named_once_and_in_a_tenant_that_is_there() {
        let (acme, globex) = (TenantId::new(), TenantId::new());
        assert_eq!(members(["ada", "bob"], [acme, acme]), Ok(2));
        let twice = members(["ada", "ada"], [acme, acme]).unwrap_err();
        assert!(twice.contains("named twice"), "{twice}");
        let stray = members(["ada", "bob"], [acme, globex]).unwrap_err();
        assert!(stray.contains("no tenant has the id"), "{stray}");
    }
}
