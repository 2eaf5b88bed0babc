//! Nobody reaches another tenant's data, by whatever the request says.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use tenancy_core::Role;

use super::{NOBODY, PHOTO};
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Result, Service, Tenant, World},
};

/// Who tries to reach whom: within the shared cell, and between tenants with places of their own.
const ATTEMPTS: [(&str, &str); 4] = [
    ("ada", "bob"),
    ("bob", "acme"),
    ("acme", "globex"),
    ("globex", "ada"),
];

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller.screen.chapter("Nobody reaches another tenant's data");
    teller.screen.note(
        "the client is told what it would be told of an id that nobody has; in brackets, what the log says",
    );
    for (thief, victim) in ATTEMPTS {
        let (thief, victim) = (teller.world.tenant(thief)?, teller.world.tenant(victim)?);
        let mut steps = by_id(teller, thief, victim)?;
        steps.extend(by_hint(teller.world, thief, victim)?);
        steps.extend(by_token(teller.world, thief, victim)?);
        teller.all(steps).await?;
    }
    teller.all(still_there(teller)?).await
}

/// By an id in the path, at the deployment that serves the thief.
fn by_id(teller: &Teller<'_>, thief: &Tenant, victim: &Tenant) -> Result<Vec<Step>> {
    let (world, trip) = (teller.world, teller.trip(victim.slug())?);
    let (a, b) = (thief.slug(), victim.slug());
    let call = |service, method, path: &str| {
        Call::to(world, thief, service, method, path)?.by(world, thief, Role::Owner)
    };
    let itinerary = format!("/itineraries/{}", trip.itinerary);
    let photo = format!("{itinerary}/photos/{PHOTO}");
    let itineraries = Service::Itineraries;
    let patch = call(itineraries, Method::PATCH, &itinerary)?.header("if-match", &trip.tag);
    let delete = call(itineraries, Method::DELETE, &itinerary)?.header("if-match", &trip.tag);
    let upload = call(itineraries, Method::PUT, &photo)?.jpeg(b"not yours");
    let mut steps = vec![
        Step::new(
            format!("{a} reads {b}'s itinerary by its id"),
            call(itineraries, Method::GET, &itinerary)?,
            Expect::Absent,
        ),
        Step::new(
            format!("{a} changes it"),
            patch.json(json!({ "title": "mine" })),
            Expect::Absent,
        ),
        Step::new(format!("{a} deletes it"), delete, Expect::Absent),
        Step::new(
            format!("{a} reads {b}'s photo"),
            call(itineraries, Method::GET, &photo)?,
            Expect::Absent,
        ),
        Step::new(format!("{a} uploads to {b}'s itinerary"), upload, Expect::Absent),
    ];
    if let (Some(comment), Some(_)) = (&trip.comment, &teller.trip(a)?.comment) {
        let call = call(Service::Social, Method::DELETE, &format!("/comments/{comment}"))?;
        steps.push(Step::new(
            format!("{a} deletes {b}'s comment"),
            call,
            Expect::Absent,
        ));
    }
    Ok(steps)
}

/// By a host or a header that names the victim: they may agree with the token, and nothing else.
fn by_hint(world: &World, thief: &Tenant, victim: &Tenant) -> Result<Vec<Step>> {
    let (a, b) = (thief.slug(), victim.slug());
    let call = || {
        Call::to(world, thief, Service::Itineraries, Method::GET, "/itineraries")?.by(
            world,
            thief,
            Role::Owner,
        )
    };
    let host = if victim.target() == crate::world::Target::Shared {
        tenancy_core::names::host(&victim.record.slug, crate::world::DOMAIN)
    } else {
        victim.host()
    };
    Ok(vec![
        Step::new(
            format!("{a} asks with `Host: {host}`"),
            call()?.host(host),
            Expect::Absent,
        ),
        Step::new(
            format!("{a} asks with `X-Tenant-Id: {b}`"),
            call()?.header("x-tenant-id", b),
            Expect::Absent,
        ),
        Step::new(
            format!("{a} asks with `X-Tenant-Id` and {b}'s id"),
            call()?.header("x-tenant-id", victim.id().to_string()),
            Expect::Absent,
        ),
    ])
}

/// By the thief's own good token, at the deployment that serves the victim.
fn by_token(world: &World, thief: &Tenant, victim: &Tenant) -> Result<Vec<Step>> {
    let (a, b) = (thief.slug(), victim.slug());
    let mut steps = Vec::new();
    if victim.target() != crate::world::Target::Shared {
        for service in Service::ALL {
            let path = match service {
                Service::Itineraries => "/itineraries".to_owned(),
                Service::Social => format!("/itineraries/{NOBODY}/comments"),
            };
            let call = Call::to(world, victim, service, Method::GET, &path)?.by(world, thief, Role::Owner)?;
            steps.push(Step::new(
                format!("{a}'s token at {b}'s own {service}"),
                call,
                Expect::Absent,
            ));
        }
    }
    Ok(steps)
}

/// Every victim still has what it had.
fn still_there(teller: &Teller<'_>) -> Result<Vec<Step>> {
    let world = teller.world;
    let step = |tenant: &Tenant| {
        let slug = tenant.slug();
        let call = Call::to(world, tenant, Service::Itineraries, Method::GET, "/itineraries")?;
        let own = BTreeSet::from([teller.trip(slug)?.itinerary.clone()]);
        let what = format!("{slug} still has its itinerary");
        Ok(Step::new(
            what,
            call.by(world, tenant, Role::Owner)?,
            Expect::Items(own),
        ))
    };
    world.tenants().iter().map(step).collect()
}
