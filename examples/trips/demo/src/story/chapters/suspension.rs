//! A suspended tenant is shut out within a second, and let in again.

use std::time::Instant;

use reqwest::Method;
use serde_json::json;
use tenancy_core::{Feature, Plan, Role};

use super::until::until;
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Result, Service, Tenant, failure::While},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A suspended tenant is shut out within a second");
    teller
        .screen
        .note("each is served a moment before, so that its services have it in their caches");
    for slug in ["bob", "globex"] {
        let tenant = teller.world.tenant(slug)?;
        served(teller, tenant).await?;
        shut_out(teller, tenant).await?;
        let_in(teller, tenant).await?;
    }
    Ok(())
}

async fn served(teller: &mut Teller<'_>, tenant: &Tenant) -> Result<()> {
    for (service, call) in calls(teller, tenant)? {
        let what = format!("{}'s {service} is served", tenant.slug());
        teller.one(Step::new(what, call, Expect::Status(200))).await?;
    }
    Ok(())
}

async fn shut_out(teller: &mut Teller<'_>, tenant: &Tenant) -> Result<()> {
    let (slug, world) = (tenant.slug(), teller.world);
    let suspended = || Expect::Refused(403, "suspended");
    world
        .registry()
        .suspend(tenant.id())
        .await
        .during(|| format!("suspend `{slug}`"))?;
    let since = Instant::now();
    for (service, call) in calls(teller, tenant)? {
        until(
            teller,
            &format!("{slug} is suspended: {service} shuts it out"),
            &call,
            &suspended(),
            since,
        )
        .await?;
    }
    let write = Call::to(world, tenant, Service::Itineraries, Method::POST, "/itineraries")?;
    let write = write
        .by(world, tenant, Role::Owner)?
        .json(json!({ "title": "Rome" }));
    teller
        .one(Step::new(
            format!("{slug} writes all the same"),
            write,
            suspended(),
        ))
        .await
        .map(drop)
}

async fn let_in(teller: &mut Teller<'_>, tenant: &Tenant) -> Result<()> {
    let slug = tenant.slug();
    teller
        .world
        .registry()
        .resume(tenant.id())
        .await
        .during(|| format!("resume `{slug}`"))?;
    let since = Instant::now();
    for (service, call) in calls(teller, tenant)? {
        until(
            teller,
            &format!("{slug} is resumed: {service} lets it in"),
            &call,
            &Expect::Status(200),
            since,
        )
        .await?;
    }
    Ok(())
}

/// A question to each service that the tenant's plan has.
fn calls(teller: &Teller<'_>, tenant: &Tenant) -> Result<Vec<(Service, Call)>> {
    let world = teller.world;
    let call = |service, path: &str| {
        let call = Call::to(world, tenant, service, Method::GET, path)?;
        Ok((service, call.by(world, tenant, Role::Owner)?))
    };
    let mut calls = vec![call(Service::Itineraries, "/itineraries")?];
    if Plan::of(tenant.record.tier).has(Feature::Social) {
        let itinerary = &teller.trip(tenant.slug())?.itinerary;
        calls.push(call(
            Service::Social,
            &format!("/itineraries/{itinerary}/comments"),
        )?);
    }
    Ok(calls)
}
