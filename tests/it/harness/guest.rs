//! A Free tenant of one test's own.

use demo::world::Service;
use reqwest::Method;
use tenancy_control::{NewTenant, NewUser};
use tenancy_core::{TenantId, TenantStatus, Tier, UserId};

use super::{Call, Trips};

/// A Free tenant in the shared cell, for one test that changes it.
pub(crate) struct Guest {
    pub(crate) tenant: NewTenant,
    pub(crate) token: String,
}

impl Guest {
    pub(crate) async fn new(trips: &Trips, slug: &str) -> Self {
        let tenant = NewTenant {
            id: TenantId::new(),
            slug: slug.parse().unwrap(),
            name: "Somebody".parse().unwrap(),
            tier: Tier::Free,
            status: TenantStatus::Active,
            identity_tenant: format!("{slug}-k7x2p").parse().unwrap(),
            plan: None,
            placement: trips.tenant("ada").record.placement.clone(),
            owner: new_user(slug),
        };
        trips.world.registry().create(&tenant).await.unwrap();
        let token = trips
            .world
            .mint()
            .token(&tenant.identity_tenant, &tenant.owner.subject);
        Self { tenant, token }
    }

    /// A request of its owner to the shared deployment.
    pub(crate) fn call(&self, trips: &'static Trips, service: Service, method: Method, path: &str) -> Call {
        trips
            .call(trips.tenant("ada"), service, method, path)
            .token(&self.token)
    }
}

pub(crate) fn new_user(name: &str) -> NewUser {
    let id = UserId::new();
    NewUser {
        id,
        subject: format!("{name}-{id}").parse().unwrap(),
        email: format!("{name}@guests.example").parse().unwrap(),
    }
}
