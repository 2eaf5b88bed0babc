//! Tenants and their members.

use tenancy_core::{Role, Subject, TenantId, TenantRecord, Tier, UserId, names};

use super::{DOMAIN, Target};

/// A tenant, as the registry has it, with members to act as.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// What the registry has.
    pub record: TenantRecord,
    /// Its members; the first is the owner.
    pub members: Vec<Member>,
}

/// A member to act as.
#[derive(Clone, Debug)]
pub struct Member {
    /// The user.
    pub user: UserId,
    /// The user's id at the identity provider.
    pub subject: Subject,
    /// What the user is.
    pub role: Role,
}

impl Tenant {
    /// The tenant's id.
    #[must_use]
    pub fn id(&self) -> TenantId {
        self.record.id
    }

    /// The tenant's slug.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.record.slug.as_str()
    }

    /// The member with `role`; a Free tenant has an owner and nobody else.
    #[must_use]
    pub fn member(&self, role: Role) -> Option<&Member> {
        self.members.iter().find(|member| member.role == role)
    }

    /// The host that its users type.
    #[must_use]
    pub fn host(&self) -> String {
        match (&self.record.custom_host, self.record.tier) {
            (Some(host), _) => host.clone(),
            (None, Tier::Free) => DOMAIN.to_owned(),
            (None, _) => names::host(&self.record.slug, DOMAIN),
        }
    }

    /// The deployment that serves it.
    #[must_use]
    pub fn target(&self) -> Target {
        match self.record.tier {
            Tier::Free => Target::Shared,
            _ => Target::Pinned(self.id()),
        }
    }
}
