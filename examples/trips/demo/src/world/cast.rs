//! Who plays: two Free tenants, a Standard and an Enterprise one.

use tenancy_control::{NewTenant, NewUser};
use tenancy_core::{Feature, Plan, Role, TenantId, TenantStatus, Tier, UserId};

use super::{Result, failure::While, placement};

/// The platform's domain.
pub const DOMAIN: &str = "app.example.com";
/// The Identity Platform project whose tokens count.
pub const PROJECT: &str = "demo-trips";

pub(super) struct Part {
    pub(super) slug: &'static str,
    name: &'static str,
    tier: Tier,
    pub(super) host: Option<&'static str>,
}

pub(super) const CAST: [Part; 4] = [
    Part {
        slug: "ada",
        name: "Ada's trips",
        tier: Tier::Free,
        host: None,
    },
    Part {
        slug: "bob",
        name: "Bob's trips",
        tier: Tier::Free,
        host: None,
    },
    Part {
        slug: "acme",
        name: "Acme Travel",
        tier: Tier::Standard,
        host: None,
    },
    Part {
        slug: "globex",
        name: "Globex Corporation",
        tier: Tier::Enterprise,
        host: Some("trips.globex.example"),
    },
];

impl Part {
    /// The roles there are members for; the owner first.
    pub(super) fn roles(&self) -> &'static [Role] {
        const ALL: [Role; 4] = [Role::Owner, Role::Admin, Role::Member, Role::ReadOnly];
        if Plan::of(self.tier).has(Feature::Members) {
            &ALL
        } else {
            &ALL[..1]
        }
    }

    pub(super) fn tenant(&self) -> Result<NewTenant> {
        let what = || format!("cast `{}`", self.slug);
        let (id, slug) = (TenantId::new(), self.slug.parse().during(what)?);
        Ok(NewTenant {
            id,
            name: self.name.parse().during(what)?,
            tier: self.tier,
            status: TenantStatus::Active,
            identity_tenant: format!("{slug}-k7x2p").parse().during(what)?,
            plan: None,
            placement: placement::of(id, &slug, self.tier)?,
            owner: self.user(Role::Owner)?,
            slug,
        })
    }

    pub(super) fn user(&self, role: Role) -> Result<NewUser> {
        let what = || format!("cast the {role} of `{}`", self.slug);
        Ok(NewUser {
            id: UserId::new(),
            subject: format!("{}-{role}", self.slug).parse().during(what)?,
            email: format!("{role}@{}.example", self.slug).parse().during(what)?,
        })
    }
}
