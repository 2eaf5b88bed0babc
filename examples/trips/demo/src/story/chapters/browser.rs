//! A browser comes with a session cookie instead of a token.

use std::{collections::BTreeSet, time::Instant};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use tenancy_core::Role;

use super::until::{Promise, within};
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Failure, Member, Result, Service, Sessions, Tenant, World},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A browser comes with a session cookie, which is no token");
    let bob = teller.world.tenant("bob")?;
    let cookie = signed_in(teller.world, bob, 60)?;
    reads_and_writes(teller, bob, &cookie).await?;
    let steps = nothing_else(teller.world, bob, &cookie)?;
    teller.all(steps).await?;
    signs_out(teller, bob, &cookie).await
}

/// The cookie of a tenant's owner, who signed in some seconds ago.
fn signed_in(world: &World, tenant: &Tenant, ago: i64) -> Result<String> {
    let (pool, owner) = (&tenant.record.identity_tenant, owner(tenant)?);
    let draft = world.sessions()?.cookies().cookie_draft(pool, &owner.subject);
    let at = Timestamp::now().as_second() - ago;
    Ok(draft.claim("auth_time", at).claim("iat", at).sign())
}

fn owner(tenant: &Tenant) -> Result<&Member> {
    let owner = tenant.member(Role::Owner);
    owner.ok_or_else(|| Failure::new("sign in", "no owner"))
}

/// A request of a browser at a tenant's host, with that in its cookie.
fn browser(
    world: &World,
    at: &Tenant,
    service: Service,
    method: Method,
    path: &str,
    cookie: &str,
) -> Result<Call> {
    let call = Call::to(world, at, service, method, path)?;
    Ok(call.header("cookie", format!("{}={cookie}", Sessions::COOKIE)))
}

fn lists(world: &World, at: &Tenant, cookie: &str) -> Result<Call> {
    let (itineraries, get) = (Service::Itineraries, Method::GET);
    browser(world, at, itineraries, get, "/itineraries", cookie)
}

/// What the user may do by token, from the service's own pages only.
async fn reads_and_writes(teller: &mut Teller<'_>, bob: &Tenant, cookie: &str) -> Result<()> {
    let world = teller.world;
    let own = BTreeSet::from([teller.trip("bob")?.itinerary.clone()]);
    let (itineraries, put, path) = (Service::Itineraries, Method::PUT, "/users/me");
    let rename = browser(world, bob, itineraries, put, path, cookie)?.json(json!({ "display_name": "Bob" }));
    let from = |site: &str| rename.clone().header("sec-fetch-site", site);
    let export = browser(world, bob, itineraries, Method::POST, "/exports", cookie)?;
    let export = export.header("sec-fetch-site", "same-origin");
    let steps = vec![
        Step::new(
            "bob's browser sees his itineraries and no other",
            lists(world, bob, cookie)?,
            Expect::Items(own),
        ),
        Step::new(
            "bob changes his name on a page of the service's",
            from("same-origin"),
            Expect::Status(200),
        ),
        Step::new(
            "the same from another site's page",
            from("cross-site"),
            Expect::NoProof,
        ),
        Step::new("the same from who knows where", rename.clone(), Expect::NoProof),
        Step::new(
            "a job in his name, for which a session is not handed on",
            export,
            Expect::NoProof,
        ),
    ];
    teller.all(steps).await
}

/// A cookie is good for one thing, at one tenant.
fn nothing_else(world: &World, bob: &Tenant, cookie: &str) -> Result<Vec<Step>> {
    let (ada, acme) = (world.tenant("ada")?, world.tenant("acme")?);
    let (pool, subject) = (&bob.record.identity_tenant, &owner(bob)?.subject);
    let other_key = world.mint().session_cookie(pool, subject);
    let token = world.token(bob, Role::Owner)?;
    let bearer = Call::to(world, bob, Service::Itineraries, Method::GET, "/itineraries")?;
    let two = lists(world, bob, cookie)?.header("cookie", format!("{}=x", Sessions::COOKIE));
    let as_ada = lists(world, bob, cookie)?.header("x-tenant-id", ada.id().to_string());
    let comments = format!("/itineraries/{}/comments", super::NOBODY);
    let acmes = signed_in(world, acme, 60)?;
    let social = browser(world, acme, Service::Social, Method::GET, &comments, &acmes)?;
    Ok(vec![
        Step::new(
            "a cookie that another key signed, that of tokens",
            lists(world, bob, &other_key)?,
            Expect::NoProof,
        ),
        Step::new(
            "bob's token in the cookie",
            lists(world, bob, &token)?,
            Expect::NoProof,
        ),
        Step::new(
            "his cookie as a token",
            bearer.token(cookie.to_owned()),
            Expect::NoProof,
        ),
        Step::new("his cookie and another beside it", two, Expect::NoProof),
        Step::new("his cookie with ada's `X-Tenant-Id`", as_ada, Expect::Absent),
        Step::new(
            "his cookie at acme's own deployment",
            lists(world, acme, cookie)?,
            Expect::Absent,
        ),
        Step::new(
            "acme's cookie at acme's own deployment",
            lists(world, acme, &acmes)?,
            Expect::Status(200),
        ),
        Step::new(
            "acme's cookie at its social, which takes none",
            social,
            Expect::NoProof,
        ),
    ])
}

/// A cookie lives for days, so that the account has to be looked at.
async fn signs_out(teller: &mut Teller<'_>, bob: &Tenant, cookie: &str) -> Result<()> {
    let (world, since) = (teller.world, Instant::now());
    let (pool, subject) = (&bob.record.identity_tenant, &owner(bob)?.subject);
    let now = Timestamp::now().as_second();
    world.sessions()?.signed_out(pool, subject, now);
    // as fresh as it may be when it was looked at, and the look itself; what bob asks meanwhile counts against his rate
    let promise = Promise {
        bound: 2 * Sessions::FRESH,
        pause: Sessions::FRESH / 10,
    };
    let what = "bob signs out everywhere: his cookie, good for days, is none any more";
    let (old, new) = (
        lists(world, bob, cookie)?,
        lists(world, bob, &signed_in(world, bob, 0)?)?,
    );
    within(promise, teller, what, (&old, &Expect::NoProof), since).await?;
    let what = "bob signs in again";
    teller
        .one(Step::new(what, new, Expect::Status(200)))
        .await
        .map(drop)
}
