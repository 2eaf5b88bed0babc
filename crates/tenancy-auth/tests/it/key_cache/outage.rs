//! A server that fails for hours.

use std::time::{Duration, Instant};

use tenancy_core::Kind;
use tenancy_testkit::KeyAnswer;

use crate::{
    time::{skip, within},
    world::World,
};

async fn check(answer: KeyAnswer) {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    world.server.answer(answer.clone());
    let silent = matches!(answer, KeyAnswer::Hang | KeyAnswer::Stall);
    // seven hours: one that it is fresh for, and six more
    for minute in (0..420).step_by(30) {
        let anew = world.draft().claim("n", minute).sign();
        for token in [&token, &anew] {
            let outcome = within(silent, world.outcome(token)).await;
            assert_eq!(outcome, Ok(()), "{answer:?} after {minute} minutes");
        }
        skip(30 * 60).await;
    }
    // what is remembered falls with the keys
    for token in [&token, &world.draft().claim("n", 1).sign()] {
        let outcome = within(silent, world.outcome(token)).await;
        assert_eq!(outcome, Err(Kind::Unavailable), "{answer:?} after 420 minutes");
    }
    world.server.answer(KeyAnswer::Keys);
    skip(1).await;
    assert_eq!(world.outcome(&token).await, Ok(()), "{answer:?} is over");
}

#[tokio::test]
async fn keys_serve_through_an_outage_for_six_hours_and_then_nobody_gets_in() {
    check(KeyAnswer::Status(500)).await;
    check(KeyAnswer::Html).await;
    check(KeyAnswer::Empty).await;
    check(KeyAnswer::Oversized).await;
    check(KeyAnswer::Gigabyte).await;
    check(KeyAnswer::Hang).await;
    check(KeyAnswer::Stall).await;
    check(KeyAnswer::Redirect("http://127.0.0.1:9/".into())).await;
}

#[tokio::test]
async fn under_traffic_nobody_waits_for_a_server_that_hangs() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    world.server.answer(KeyAnswer::Hang);
    skip(3600).await;
    // the first after expiry waits until it is clear that the server fails
    assert_eq!(world.outcome(&token).await, Ok(()));
    assert_eq!(world.server.fetches(), 2);
    let asked = Instant::now();
    for fetches in 3..6 {
        skip(30).await;
        for _ in 0..100 {
            assert_eq!(world.outcome(&token).await, Ok(()));
        }
        world.asked(fetches).await;
        // ends the fetch that hangs
        skip(3).await;
    }
    // one that waited would take three seconds
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}
