//! What a new tenant and a new member are made of.

use tenancy_core::{
    IdentityTenant, Placement, PlanChanges, Subject, TenantId, TenantSlug, TenantStatus, Tier, UserId,
};

use crate::{Email, TenantName};

/// A tenant to be. The caller chooses the id, so that the same call can be made again after a crash.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The tenant's id, for ever.
    pub id: TenantId,
    /// Its name in hosts and resources, for ever.
    pub slug: TenantSlug,
    /// Its name for people.
    pub name: TenantName,
    /// How isolated it is.
    pub tier: Tier,
    /// Where it is in its life: `Active` when its stores are there, `Provisioning` when they have to be made.
    pub status: TenantStatus,
    /// Its user pool at the identity provider, for ever.
    pub identity_tenant: IdentityTenant,
    /// What differs from its tier's plan, when anything does.
    pub plan: Option<PlanChanges>,
    /// Where its stores are.
    pub placement: Placement,
    /// Its first member, and owner.
    pub owner: NewUser,
}

/// A user of a tenant's pool.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The id that the user gets, when the registry does not have the user yet.
    pub id: UserId,
    /// The user's id in the pool.
    pub subject: Subject,
    /// The user's e-mail address.
    pub email: Email,
}

/// A shared cell, as an operator describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its name, 1 to 20 characters of `[a-z0-9-]`: its databases are at [`names::cell_location`](tenancy_core::names::cell_location).
    pub name: String,
    /// How many tenants it has room for.
    pub capacity: i32,
    /// How much a free place in it counts beside one elsewhere, 1 to 1,000.
    pub weight: i32,
    /// It gets no new tenants.
    pub closed: bool,
}
