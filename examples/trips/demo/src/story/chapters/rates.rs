//! A tenant that asks too often is told when to come again; nobody else notices.

use std::time::Instant;

use reqwest::Method;
use tenancy_core::Role;

use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Result, Service, Tenant},
};

/// More than a Free tenant may ask in a minute.
const MANY: usize = 250;

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A Free tenant asks more than 100 times a minute, and is told when to come again");
    let (ada, bob) = (teller.world.tenant("ada")?, teller.world.tenant("bob")?);
    let (asks, since) = (list(teller, ada)?, Instant::now());
    let mut answered = 0;
    let limited = loop {
        let answer = teller.ask(&asks).await?;
        if answer.status != 200 || answered > MANY {
            break answer;
        }
        answered += 1;
    };
    let outcome = format!("{answered} more answered in {} ms", since.elapsed().as_millis());
    match limited.limit.as_deref() {
        Some(limit) if limited.status == 429 && answered < MANY => {
            teller
                .screen
                .right("ada asks until she is limited", &outcome, Some(limit));
        }
        _ => teller.screen.wrong(
            "ada asks until she is limited",
            &outcome,
            "never limited, or not told how",
        ),
    }
    let what = "ada asks once more";
    let again = Step::new(what, asks, Expect::Refused(429, "rate_limited"));
    teller.one(again).await?;
    let other = Step::new(
        "bob, who shares deployment and database with her, asks",
        list(teller, bob)?,
        Expect::Status(200),
    );
    teller.one(other).await.map(drop)
}

fn list(teller: &Teller<'_>, tenant: &Tenant) -> Result<Call> {
    let call = Call::to(
        teller.world,
        tenant,
        Service::Itineraries,
        Method::GET,
        "/itineraries",
    )?;
    call.by(teller.world, tenant, Role::Owner)
}
