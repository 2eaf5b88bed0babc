//! Tenants and their members.

use tenancy_core::{Role, Subject, TenantId, TenantRecord, UserId};

/// A tenant of the platform, as the registry has it, with members to act as.
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

    /// The first member with `role`.
    #[must_use]
    pub fn member(&self, role: Role) -> Option<&Member> {
        self.members.iter().find(|member| member.role == role)
    }
}
