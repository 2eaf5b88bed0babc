//! An operator of the platform comes with a reason, to one tenant, until an end.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tenancy_auth::GrantRequest;
use tenancy_core::{OperatorAccess, RequestId};
use tenancy_testkit::ServiceKey;
use uuid::Uuid;

use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Operators, Result, Service, Tenant, World, failure::While},
};

const REASON: &str = "ticket 4711: globex can't find its trip to Lisbon";
/// The type of a grant, in its header.
const GRANT: &str = "tenancy-operator+jwt";
/// How long a line may take to be in the log.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("An operator of the platform comes with a reason, to one tenant, until an end");
    let globex = teller.world.tenant("globex")?;
    let grant = grant(teller.world, globex)?;
    looks(teller, globex, &grant).await?;
    let steps = nothing_else(teller, globex, &grant)?;
    teller.all(steps).await?;
    let steps = no_grants(teller.world, globex)?;
    teller.all(steps).await
}

/// A grant to look, for half an hour, as the control plane gives it.
fn grant(world: &World, tenant: &Tenant) -> Result<String> {
    let what = || "grant an operator access".to_owned();
    let grant = world.operators()?.granter().grant(&GrantRequest {
        operator: "olga".parse().during(what)?,
        tenant: tenant.id(),
        reason: REASON.parse().during(what)?,
        access: OperatorAccess::Read,
        audience: Service::Itineraries.name().parse().during(what)?,
        lasts: Duration::from_secs(30 * 60),
    });
    Ok(grant.during(what)?.expose_secret().to_owned())
}

fn lists(world: &World, at: &Tenant, grant: &str) -> Result<Call> {
    let call = Call::to(world, at, Service::Itineraries, Method::GET, "/itineraries")?;
    Ok(call.token(grant.to_owned()))
}

/// Sees what there is, and that is told of: in the platform's log, and to the tenant.
async fn looks(teller: &mut Teller<'_>, globex: &Tenant, grant: &str) -> Result<()> {
    let seen = Step::new(
        "olga looks at globex's itineraries",
        lists(teller.world, globex, grant)?,
        Expect::Status(200),
    );
    let request = teller.one(seen).await?.request;
    told(teller, request, "the platform's log says so, and why", |line| {
        field(line, "operator") == Some("olga") && field(line, "reason") == Some(REASON)
    })
    .await;
    told(teller, request, "globex's audit stream tells globex", |line| {
        field(line, "schema").is_some()
            && field(line, "actor") == Some("operator:olga")
            && field(line, "reason") == Some(REASON)
    })
    .await;
    Ok(())
}

fn field<'v>(line: &'v Value, name: &str) -> Option<&'v str> {
    line.get(name)?.as_str()
}

/// What is audited is written beside the request: a moment later.
async fn told(teller: &mut Teller<'_>, request: RequestId, what: &str, is: impl Fn(&Value) -> bool) {
    let (log, since) = (teller.log, Instant::now());
    let mut line = log.line(request, &is);
    while line.is_none() && since.elapsed() < PATIENCE {
        tokio::time::sleep(PAUSE).await;
        line = log.line(request, &is);
    }
    match line {
        Some(line) => {
            let action = field(&line, "action").unwrap_or_default().to_owned();
            teller.screen.right(what, &action, Some(REASON));
        }
        None => teller
            .screen
            .wrong(what, "nothing", "no line with operator and reason"),
    }
}

/// The grant is to look, at one tenant, by one service.
fn nothing_else(teller: &Teller<'_>, globex: &Tenant, grant: &str) -> Result<Vec<Step>> {
    let (world, acme) = (teller.world, teller.world.tenant("acme")?);
    let itinerary = format!("/itineraries/{}", teller.trip("globex")?.itinerary);
    let itineraries = Service::Itineraries;
    let change = Call::to(world, globex, itineraries, Method::PATCH, &itinerary)?.token(grant.to_owned());
    let change = change.header("if-match", "*").json(json!({ "title": "Rome" }));
    let comments = format!("{itinerary}/comments");
    let social = Call::to(world, globex, Service::Social, Method::GET, &comments)?.token(grant.to_owned());
    Ok(vec![
        Step::new("she changes one", change, Expect::Refused(403, "forbidden")),
        Step::new("her grant at globex's social", social, Expect::NoProof),
        Step::new("her grant at acme", lists(world, acme, grant)?, Expect::Absent),
    ])
}

/// What is no grant, whoever signed it.
fn no_grants(world: &World, globex: &Tenant) -> Result<Vec<Step>> {
    let (control, other, now) = (
        world.operators()?.key(),
        ServiceKey::ed25519(),
        Timestamp::now().as_second(),
    );
    let claims = |from: i64, to: i64| {
        json!({
            "iss": Operators::ISSUER, "aud": Service::Itineraries.name(), "sub": "olga", "tenant": globex.id(),
            "access": "read", "reason": REASON, "iat": now + from, "exp": now + to, "jti": Uuid::now_v7(),
        })
    };
    let mut silent = claims(0, 600);
    if let Some(claims) = silent.as_object_mut() {
        claims.remove("reason");
    }
    let mut blank = claims(0, 600);
    if let Some(reason) = blank.get_mut("reason") {
        *reason = json!(" ");
    }
    let good = Step::new(
        "a grant that the control plane signed for ten minutes",
        lists(
            world,
            globex,
            &control.sign(&control.header(GRANT), &claims(0, 600)),
        )?,
        Expect::Status(200),
    );
    let mut steps = vec![good];
    for (what, key, claims) in [
        ("the same without a reason", control, silent),
        ("the same with a blank one", control, blank),
        ("a grant that ended a minute ago", control, claims(-600, -60)),
        ("a grant for a day", control, claims(0, 24 * 3600)),
        ("a grant that somebody else signed", &other, claims(0, 600)),
    ] {
        let call = lists(world, globex, &key.sign(&key.header(GRANT), &claims))?;
        steps.push(Step::new(what, call, Expect::NoProof));
    }
    Ok(steps)
}
