//! Tenants and members from a file: a directory without a registry.

use std::{collections::HashSet, path::Path, sync::Arc};

use serde::Deserialize;
use tenancy_core::{
    CustomRole, CustomRoleName, MemberRole, PLATFORM, PermissionNames, Role, StaticMember, Subject, TenantId,
    TenantRecord, UserId,
};

use super::{ConfigError, load};

/// `[[tenants]]`, `[[members]]` and `[[roles]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DirectoryFile {
    pub(crate) tenants: Vec<TenantRecord>,
    #[serde(default)]
    members: Vec<MemberRow>,
    #[serde(default)]
    roles: Vec<RoleRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberRow {
    tenant: TenantId,
    subject: Subject,
    user: UserId,
    /// One of the four, or one of `[[roles]]`.
    role: String,
}

/// A role that a tenant made of permissions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleRow {
    tenant: TenantId,
    name: CustomRoleName,
    permissions: Vec<String>,
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
                role: self.role_of(row)?,
            })
        };
        self.each_once()?;
        self.roles.iter().try_for_each(|row| row.read().map(drop))?;
        self.members.iter().map(member).collect()
    }

    fn role_of(&self, member: &MemberRow) -> Result<MemberRole, ConfigError> {
        if let Ok(role) = member.role.parse::<Role>() {
            return Ok(role.into());
        }
        let is = |row: &&RoleRow| row.tenant == member.tenant && row.name.as_str() == member.role;
        match self.roles.iter().find(is) {
            Some(row) => Ok(MemberRole::Custom(Arc::new(row.read()?))),
            None => {
                let problem = format!(
                    "`{}` is neither `owner`, `admin`, `member` or `readonly` nor one of the tenant's `roles`",
                    member.role
                );
                Err(ConfigError::key("members.role", problem))
            }
        }
    }

    /// Of two roles of one user, the order of lines must not choose.
    fn each_once(&self) -> Result<(), ConfigError> {
        let mut roles = HashSet::new();
        if let Some(row) = self
            .roles
            .iter()
            .find(|row| !roles.insert((row.tenant, row.name.as_str())))
        {
            let problem = format!("`{}` is named twice in the tenant `{}`", row.name, row.tenant);
            return Err(ConfigError::key("roles.name", problem));
        }
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

impl RoleRow {
    /// As the registry has it: no wildcard, nothing that is the owner's alone, and no more than a role may have.
    fn read(&self) -> Result<CustomRole, ConfigError> {
        let refuse = |problem: String| ConfigError::key("roles.permissions", problem);
        let names = self.permissions.iter().map(String::as_str);
        let permissions = PermissionNames::parse(names).map_err(|error| refuse(error.to_string()))?;
        let mut owners = PLATFORM.iter().filter(|def| def.is_owner_only());
        if let Some(def) = owners.find(|def| permissions.lists(def.name())) {
            return Err(refuse(format!("`{}` is the owner's alone", def.name())));
        }
        if permissions.len() > CustomRole::MOST {
            return Err(refuse(format!(
                "a role has at most {} permissions",
                CustomRole::MOST
            )));
        }
        Ok(CustomRole {
            name: self.name.clone(),
            permissions,
            version: 1,
        })
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

    /// The role of a member named `role`, with a role of the tenant's own beside.
    fn role(role: &str, permissions: &str) -> Result<MemberRole, String> {
        let id = TenantId::new();
        let text = format!(
            "[[tenants]]\nid = \"{id}\"\nslug = \"acme\"\nname = \"Acme\"\ntier = \"enterprise\"\n\
             status = \"active\"\nidentity_tenant = \"acme-x1y2z\"\nplacement = {{ epoch = 0 }}\n\
             [[roles]]\ntenant = \"{id}\"\nname = \"publisher\"\npermissions = [{permissions}]\n\
             [[members]]\ntenant = \"{id}\"\nsubject = \"ada\"\nuser = \"{}\"\nrole = \"{role}\"\n",
            UserId::new()
        );
        let file: DirectoryFile = load::typed(text.parse().unwrap()).unwrap();
        let members = file.members().map_err(|error| error.to_string())?;
        Ok(members[0].role.clone())
    }

    #[test]
    fn a_member_may_have_a_role_that_its_tenant_made() {
        let publish = "\"notes:note:publish\", \"tenant:data:write\"";
        assert_eq!(role("admin", publish).unwrap(), Role::Admin);
        let MemberRole::Custom(made) = role("publisher", publish).unwrap() else {
            panic!("it is a custom role");
        };
        assert_eq!((made.name.as_str(), made.permissions.len()), ("publisher", 2));
        for (name, permissions, says) in [
            ("editor", publish, "`editor` is neither"),
            ("owner", "\"tenant:*\"", "without wildcards"),
            ("owner", "\"tenant:billing:manage\"", "the owner's alone"),
        ] {
            let refusal = role(name, permissions).unwrap_err();
            assert!(refusal.contains(says), "{refusal}");
        }
    }
}
