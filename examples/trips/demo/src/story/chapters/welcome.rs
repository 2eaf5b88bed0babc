//! Before anybody signed in, the host says whose page it is, and opens nothing.

use std::time::Instant;

use reqwest::Method;
use serde_json::json;
use tenancy_core::names;

use super::until::until;
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{DOMAIN, Result, Service, Tenant, World, failure::While},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A page before anybody signed in: the host says whose it is, and opens nothing");
    let world = teller.world;
    let [ada, acme, globex] = [
        world.tenant("ada")?,
        world.tenant("acme")?,
        world.tenant("globex")?,
    ];
    for (tenant, host) in [(ada, below(ada)), (acme, acme.host()), (globex, globex.host())] {
        let what = format!("`{host}` says where to sign in");
        let pool = json!(tenant.record.identity_tenant);
        let step = Step::new(
            what,
            page(world, tenant, host)?,
            Expect::Says("identity_tenant", pool),
        );
        teller.one(step).await?;
    }
    let nobody = format!("nobody.{DOMAIN}");
    for (what, at, host) in [
        (format!("`{nobody}`, which is no tenant's"), ada, nobody),
        (format!("`{DOMAIN}`, which names nobody"), ada, DOMAIN.to_owned()),
        (
            "globex's host at acme's own deployment".to_owned(),
            acme,
            globex.host(),
        ),
    ] {
        teller
            .one(Step::new(what, page(world, at, host)?, Expect::Absent))
            .await?;
    }
    let list = Call::to(world, acme, Service::Itineraries, Method::GET, "/itineraries")?;
    let what = "with acme's host alone nobody sees an itinerary";
    teller.one(Step::new(what, list, Expect::NoProof)).await?;
    suspended(teller).await
}

/// Who is suspended reads like one that never was.
async fn suspended(teller: &mut Teller<'_>) -> Result<()> {
    let (world, bob) = (teller.world, teller.world.tenant("bob")?);
    let call = page(world, bob, below(bob))?;
    let (registry, change) = (world.registry(), || "suspend and resume `bob`".to_owned());
    let seen = Step::new("bob's page is there", call.clone(), Expect::Status(200));
    teller.one(seen).await?;
    registry.suspend(bob.id()).await.during(change)?;
    let what = "bob is suspended: his page reads like nobody's";
    until(teller, what, &call, &Expect::Absent, Instant::now()).await?;
    registry.resume(bob.id()).await.during(change)?;
    let what = "bob is resumed: it is there again";
    until(teller, what, &call, &Expect::Status(200), Instant::now()).await
}

/// The host that the platform has for a tenant, whatever its tier.
fn below(tenant: &Tenant) -> String {
    names::host(&tenant.record.slug, DOMAIN)
}

fn page(world: &World, at: &Tenant, host: String) -> Result<Call> {
    Ok(Call::to(world, at, Service::Itineraries, Method::GET, "/welcome")?.host(host))
}
