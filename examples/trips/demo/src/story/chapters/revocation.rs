//! A role that is taken away is gone at once.

use std::time::Instant;

use reqwest::Method;
use tenancy_core::Role;

use super::until::until;
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Failure, Result, Service, Tenant, failure::While},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller.screen.chapter("A role that is taken away is gone at once");
    let acme = teller.world.tenant("acme")?;
    let itinerary = &teller.trip("acme")?.itinerary;
    let path = format!("/itineraries/{itinerary}/publish");
    let publish = Call::to(teller.world, acme, Service::Itineraries, Method::POST, &path)?;
    let publish = publish.by(teller.world, acme, Role::Admin)?;
    let what = "acme's admin publishes the owner's itinerary";
    teller
        .one(Step::new(what, publish.clone(), Expect::Status(200)))
        .await?;
    for (role, expect) in [
        (Role::Member, Expect::Refused(403, "forbidden")),
        (Role::Admin, Expect::Status(200)),
    ] {
        make(teller, acme, role).await?;
        let what = format!("the admin is made {role}, and publishes with the same token");
        until(teller, &what, &publish, &expect, Instant::now()).await?;
    }
    Ok(())
}

/// Gives the one who is cast as admin another role.
async fn make(teller: &Teller<'_>, tenant: &Tenant, role: Role) -> Result<()> {
    let admin = tenant
        .member(Role::Admin)
        .ok_or_else(|| Failure::new("find the admin", "there is none"))?;
    let registry = teller.world.registry();
    let made = registry.set_role(tenant.id(), admin.user, role).await;
    made.during(|| format!("make the admin {role}"))
}
