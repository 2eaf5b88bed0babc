//! Keys that the server says to keep for an hour.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tenancy_core::Kind;
use tenancy_testkit::{KeyAnswer, TokenMint};

use crate::{
    time::skip,
    world::{PROJECT, World, subject, tenant},
};

#[tokio::test]
async fn keys_are_refreshed_before_they_expire_and_nobody_waits() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    skip(2870).await;
    world.verifier.verify(&token).await.unwrap();
    assert_eq!(world.server.fetches(), 1);
    world.server.answer(KeyAnswer::Hang);
    skip(20).await;
    let asked = Instant::now();
    for _ in 0..100 {
        world.verifier.verify(&token).await.unwrap();
    }
    // one that waited would take three seconds
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    world.asked(2).await;
}

#[tokio::test]
async fn a_thousand_uses_at_expiry_cause_one_fetch() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    skip(3600).await;
    let served = join_all((0..1000).map(|_| world.verifier.verify(&token))).await;
    assert!(served.into_iter().all(|served| served.is_ok()));
    assert_eq!(world.server.fetches(), 2);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_refused_from_its_expiry_on() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    let next = TokenMint::with_new_key(PROJECT);
    world.server.publish(&[&next]);
    assert_eq!(world.outcome(&token).await, Ok(()));
    skip(3600).await;
    assert_eq!(world.outcome(&token).await, Err(Kind::Unauthenticated));
    assert_eq!(world.outcome(&next.token(&tenant(), &subject())).await, Ok(()));
    assert_eq!(world.server.fetches(), 2);
}

async fn check_lifetime(max_age: u64, expect: u64) {
    let next = TokenMint::with_new_key(PROJECT);
    for (at, outcome) in [(expect - 10, Ok(())), (expect, Err(Kind::Unauthenticated))] {
        let world = World::start().await;
        world.server.max_age(Duration::from_secs(max_age));
        let token = world.token();
        world.verifier.verify(&token).await.unwrap();
        world.server.publish(&[&next]);
        skip(at).await;
        assert_eq!(
            world.outcome(&token).await,
            outcome,
            "max-age {max_age} after {at} s"
        );
        world.asked(2).await;
    }
}

#[tokio::test]
async fn the_server_s_word_is_taken_within_bounds() {
    check_lifetime(0, 60).await;
    check_lifetime(100, 100).await;
    check_lifetime(10_000_000, 86_400).await;
}
