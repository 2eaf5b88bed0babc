//! A tenant that asks too often is told when to come again, by whichever replica; nobody else notices.

use std::time::Instant;

use reqwest::Method;
use tenancy::telemetry::metrics_text;
use tenancy_core::Role;

use crate::{
    story::{
        call::Call,
        client::Answer,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Result, Service, Tenant},
};

/// What a Free tenant may ask in a minute, and the twentieth of it by which replicas that share a limit may be beyond it.
const MOST: usize = 100 + 100 / 20;

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller.screen.chapter(
        "A Free tenant asks two replicas, more than 100 times a minute, and is told when to come again",
    );
    teller
        .screen
        .note("they share one limit through Redis: two that count alone would answer twice as often");
    let (ada, bob) = (teller.world.tenant("ada")?, teller.world.tenant("bob")?);
    let (asks, since, near) = (at_each_replica(teller, ada)?, Instant::now(), near_limits());
    let (answered, limited) = until_limited(teller, &asks).await?;
    let outcome = format!("{answered} more answered in {} ms", since.elapsed().as_millis());
    let what = "ada asks one after the other until both refuse";
    match limited.iter().find_map(|answer| answer.limit.as_deref()) {
        Some(limit) if answered < MOST && limited.iter().all(|answer| answer.status == 429) => {
            teller.screen.right(what, &outcome, Some(limit));
        }
        _ => {
            let problem = format!("more than {MOST}, or not told how");
            teller.screen.wrong(what, &outcome, &problem);
        }
    }
    told_before(teller, near_limits().saturating_sub(near));
    for (call, which) in asks.into_iter().zip(["one", "other"]) {
        let what = format!("ada asks the {which} once more");
        let again = Step::new(what, call, Expect::Refused(429, "rate_limited"));
        teller.one(again).await?;
    }
    let calls = at_each_replica(teller, bob)?;
    for (call, which) in calls.into_iter().zip(["one", "other"]) {
        let what = format!("bob, who shares deployment and database with her, asks the {which}");
        teller.one(Step::new(what, call, Expect::Status(200))).await?;
    }
    Ok(())
}

/// How often the replicas answered, and what each said last.
async fn until_limited(teller: &Teller<'_>, asks: &[Call]) -> Result<(usize, Vec<Answer>)> {
    let mut answered = 0;
    loop {
        let mut last = Vec::new();
        for call in asks {
            let answer = teller.ask(call).await?;
            answered += usize::from(answer.status == 200);
            last.push(answer);
        }
        if answered > MOST || last.iter().all(|answer| answer.status != 200) {
            return Ok((answered, last));
        }
    }
}

/// The platform knows before the tenant does.
fn told_before(teller: &mut Teller<'_>, near: u64) {
    let (what, outcome) = (
        "before that, the metrics said that she was near",
        format!("tenancy_limits_near_total +{near}"),
    );
    match near {
        0 => teller.screen.wrong(what, &outcome, "expected to be told"),
        _ => teller
            .screen
            .right(what, &outcome, Some("at four fifths of a rate")),
    }
}

/// How often somebody was near a limit so far, by the metrics of this process.
fn near_limits() -> u64 {
    let text = metrics_text().unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| line.starts_with("tenancy_limits_near_total"));
    let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    counts.sum()
}

/// The same question to each replica of the service.
fn at_each_replica(teller: &Teller<'_>, tenant: &Tenant) -> Result<Vec<Call>> {
    let (world, itineraries) = (teller.world, Service::Itineraries);
    let call = Call::to(world, tenant, itineraries, Method::GET, "/itineraries")?;
    let call = call.by(world, tenant, Role::Owner)?;
    let replicas = world.replicas(tenant.target(), itineraries);
    let calls = replicas.into_iter().map(|url| Call {
        url: url + "/itineraries",
        ..call.clone()
    });
    Ok(calls.collect())
}
