//! Each tenant works: the same requests, on every tier.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use tenancy_core::{Feature, Plan, Role};

use super::{NOBODY, PHOTO};
use crate::{
    story::{
        call::Call,
        client::Answer,
        step::{Expect, Step},
        teller::{Teller, Trip},
    },
    world::{Result, Service, Tenant},
};

/// A photo of each tenant's own under one name.
pub(super) fn photo(slug: &str) -> &'static [u8] {
    match slug {
        "ada" => b"the beach that ada saw",
        "bob" => b"the beach that bob saw",
        "acme" => b"the beach that acme saw",
        _ => b"the beach that globex saw",
    }
}

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("Each tenant works: the same handlers, on every tier");
    for tenant in teller.world.tenants() {
        let trip = work(teller, tenant).await?;
        teller.trips.insert(tenant.slug().to_owned(), trip);
    }
    learn_refusals(teller).await
}

async fn work(teller: &mut Teller<'_>, tenant: &Tenant) -> Result<Trip> {
    let (world, slug, tier) = (teller.world, tenant.slug(), tenant.record.tier);
    let call = |method, path: &str| {
        Call::to(world, tenant, Service::Itineraries, method, path)?.by(world, tenant, Role::Owner)
    };
    let draft = json!({ "title": format!("{slug} goes to Lisbon"), "visibility": "shared" });
    let create = call(Method::POST, "/itineraries")?.json(draft);
    let made = teller.one(Step::new(
        format!("{slug} ({tier}) creates an itinerary"),
        create,
        Expect::Status(201),
    ));
    let made = made.await?;
    let mut trip = Trip {
        itinerary: made.id().unwrap_or_default(),
        tag: made.tag.unwrap_or_default(),
        ..Trip::default()
    };
    let itinerary = format!("/itineraries/{}", trip.itinerary);
    let photo_path = format!("{itinerary}/photos/{PHOTO}");
    let upload = call(Method::PUT, &photo_path)?.jpeg(photo(slug));
    let own = BTreeSet::from([trip.itinerary.clone()]);
    teller
        .all(vec![
            Step::new(format!("{slug} uploads {PHOTO}"), upload, Expect::Status(201)),
            Step::new(
                format!("{slug} reads it back"),
                call(Method::GET, &photo_path)?,
                Expect::Content(photo(slug)),
            ),
            Step::new(
                format!("{slug} sees its own itineraries and no other"),
                call(Method::GET, "/itineraries")?,
                Expect::Items(own),
            ),
        ])
        .await?;
    if Plan::of(tier).has(Feature::Social) {
        let made = comment(teller, tenant, &itinerary).await?;
        (trip.comment, trip.commented) = (made.id(), Some(made.request));
    }
    Ok(trip)
}

async fn comment(teller: &mut Teller<'_>, tenant: &Tenant, itinerary: &str) -> Result<Answer> {
    let (world, slug) = (teller.world, tenant.slug());
    let path = format!("{itinerary}/comments");
    let call = Call::to(world, tenant, Service::Social, Method::POST, &path)?;
    let call = call
        .by(world, tenant, Role::Member)?
        .json(json!({ "text": "See you there!" }));
    let what = format!("{slug}'s member comments on it");
    teller.one(Step::new(what, call, Expect::Status(201))).await
}

/// What a refusal looks like to a stranger: what all others are compared with.
async fn learn_refusals(teller: &mut Teller<'_>) -> Result<()> {
    let world = teller.world;
    let ada = world.tenant("ada")?;
    let nothing = Call::to(
        world,
        ada,
        Service::Itineraries,
        Method::GET,
        &format!("/itineraries/{NOBODY}"),
    )?;
    let no_token = nothing.clone();
    teller.strangers.absent = teller.ask(&nothing.by(world, ada, Role::Owner)?).await?.body;
    teller.strangers.no_proof = teller.ask(&no_token).await?.body;
    Ok(())
}
