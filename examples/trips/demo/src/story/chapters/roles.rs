//! What a member may do.

use reqwest::Method;
use serde_json::json;
use tenancy_core::Role;

use super::PHOTO;
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Result, Service, Tenant},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A readonly member looks and changes nothing");
    for slug in ["acme", "globex"] {
        let tenant = teller.world.tenant(slug)?;
        let steps = steps(teller, tenant)?;
        teller.all(steps).await?;
    }
    Ok(())
}

fn steps(teller: &Teller<'_>, tenant: &Tenant) -> Result<Vec<Step>> {
    let (world, slug, trip) = (teller.world, tenant.slug(), teller.trip(tenant.slug())?);
    let call = |role, service, method, path: &str| {
        Call::to(world, tenant, service, method, path)?.by(world, tenant, role)
    };
    let (reader, itineraries) = (Role::ReadOnly, Service::Itineraries);
    let itinerary = format!("/itineraries/{}", trip.itinerary);
    let (photo, comments) = (
        format!("{itinerary}/photos/{PHOTO}"),
        format!("{itinerary}/comments"),
    );
    let create = call(reader, itineraries, Method::POST, "/itineraries")?.json(json!({ "title": "Rome" }));
    let change = |role| {
        let call = call(role, itineraries, Method::PATCH, &itinerary)?.header("if-match", &trip.tag);
        Ok(call.json(json!({ "title": "Rome" })))
    };
    let comment = call(reader, Service::Social, Method::POST, &comments)?.json(json!({ "text": "Nice" }));
    let upload = call(reader, itineraries, Method::PUT, &photo)?.jpeg(b"mine");
    let forbidden = || Expect::Refused(403, "forbidden");
    Ok(vec![
        Step::new(
            format!("{slug}'s readonly member reads the itinerary"),
            call(reader, itineraries, Method::GET, &itinerary)?,
            Expect::Status(200),
        ),
        Step::new(
            format!("{slug}'s readonly member creates one"),
            create,
            forbidden(),
        ),
        Step::new(
            format!("{slug}'s readonly member changes it"),
            change(reader)?,
            forbidden(),
        ),
        Step::new(
            format!("{slug}'s readonly member uploads a photo"),
            upload,
            forbidden(),
        ),
        Step::new(format!("{slug}'s readonly member comments"), comment, forbidden()),
        Step::new(
            format!("{slug}'s member changes the owner's itinerary"),
            change(Role::Member)?,
            forbidden(),
        ),
    ])
}
