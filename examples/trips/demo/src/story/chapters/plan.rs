//! A Free tenant has no comments.

use reqwest::Method;
use serde_json::json;
use tenancy_core::Role;

use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Result, Service},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller.screen.chapter("A Free tenant's plan has no comments");
    let world = teller.world;
    let ada = world.tenant("ada")?;
    let itinerary = format!("/itineraries/{}", teller.trip("ada")?.itinerary);
    let call =
        |method, path: &str| Call::to(world, ada, Service::Social, method, path)?.by(world, ada, Role::Owner);
    let (comments, likes) = (format!("{itinerary}/comments"), format!("{itinerary}/likes"));
    let refused = || Expect::Refused(403, "not_entitled");
    teller
        .all(vec![
            Step::new("ada asks for comments", call(Method::GET, &comments)?, refused()),
            Step::new(
                "ada comments",
                call(Method::POST, &comments)?.json(json!({ "text": "Nice" })),
                refused(),
            ),
            Step::new("ada likes", call(Method::PUT, &likes)?, refused()),
        ])
        .await
}
