//! A crafted object key leads nowhere.

use reqwest::Method;
use tenancy_core::Role;

use super::{PHOTO, work::photo};
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Result, Service},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller.screen.chapter("A crafted object key leads nowhere");
    let world = teller.world;
    let (ada, bob) = (world.tenant("ada")?, world.tenant("bob")?);
    let itinerary = format!("/itineraries/{}", teller.trip("ada")?.itinerary);
    let before = world.files()?;
    let mut steps = Vec::new();
    for name in [
        "..%2f..%2fbeach.jpg".to_owned(),
        format!("..%2f{}%2fbeach.jpg", bob.id()),
        format!("%2f{}%2fbeach.jpg", bob.id()),
        "..%5cbeach.jpg".to_owned(),
        "%2e%2e%2fbeach.jpg".to_owned(),
        "beach.jpg%00.png".to_owned(),
        "%E2%80%A5%EF%BC%8Fbeach.jpg".to_owned(),
    ] {
        let path = format!("{itinerary}/photos/{name}");
        for method in [Method::GET, Method::PUT] {
            let what = format!("ada {}s the photo `{name}`", method.as_str().to_lowercase());
            let call = Call::to(world, ada, Service::Itineraries, method.clone(), &path)?.by(
                world,
                ada,
                Role::Owner,
            )?;
            let call = if method == Method::PUT {
                call.jpeg(b"not yours")
            } else {
                call
            };
            steps.push(Step::new(what, call, Expect::Refused(400, "malformed")));
        }
    }
    for tenant in [ada, bob] {
        let slug = tenant.slug();
        let path = format!("/itineraries/{}/photos/{PHOTO}", teller.trip(slug)?.itinerary);
        let call = Call::to(world, tenant, Service::Itineraries, Method::GET, &path)?.by(
            world,
            tenant,
            Role::Owner,
        )?;
        steps.push(Step::new(
            format!("{slug}'s {PHOTO} is still {slug}'s"),
            call,
            Expect::Content(photo(slug)),
        ));
    }
    teller.all(steps).await?;
    let (what, same) = ("no file came or went on the disk", world.files()? == before);
    if same {
        teller.screen.right(what, "", None)
    } else {
        teller.screen.wrong(what, "", "other files than before")
    }
    Ok(())
}
