//! Verified tokens that are remembered: each for as long as it would be accepted anew.

use tenancy_core::Kind;
use tenancy_testkit::{KeyAnswer, TokenMint};

use crate::{
    time::skip,
    world::{PROJECT, World, keys, verifier},
};

#[tokio::test]
async fn a_token_is_known_after_it_was_verified_and_no_other_is() {
    let world = World::start().await;
    let (token, other) = (world.token(), world.draft().claim("sub", "bob").sign());
    assert!(world.verifier.known(&token).is_none());
    world.verifier.verify(&token).await.unwrap();
    let known = world.verifier.known(&token).unwrap();
    assert_eq!(
        (known.subject().as_str(), known.tenant().as_str()),
        ("alice", "T-free")
    );
    // clones share what they know; verifiers do not
    assert!(world.verifier.clone().known(&token).is_some());
    assert!(verifier(&world.server).known(&token).is_none());
    // the digest is of all of it
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three")
    };
    let [_, its_claims, its_signature] = other.split('.').collect::<Vec<_>>()[..] else {
        panic!("three")
    };
    for spoiled in [
        other.clone(),
        format!("{header}.{its_claims}.{signature}"),
        format!("{header}.{claims}.{its_signature}"),
        format!("{header}.{claims}."),
        format!("{token} "),
        token[1..].to_owned(),
        token.to_uppercase(),
    ] {
        assert!(world.verifier.known(&spoiled).is_none(), "{spoiled}");
    }
}

#[tokio::test]
async fn a_token_is_known_until_it_expires() {
    let world = World::start().await;
    let exp = jiff::Timestamp::now().as_second() + 2;
    let token = world.draft().claim("exp", exp).sign();
    world.verifier.verify(&token).await.unwrap();
    assert!(world.verifier.known(&token).is_some());
    while jiff::Timestamp::now().as_second() < exp {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(world.verifier.known(&token).is_none());
    // the leeway of a minute is for clocks that differ: within it each request is verified anew
    assert!(world.verifier.verify(&token).await.is_ok());
    assert!(world.verifier.known(&token).is_none());
}

#[tokio::test]
async fn what_a_withdrawn_key_signed_is_forgotten_with_the_key() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    let next = TokenMint::with_new_key(PROJECT);
    world.server.publish(&[&next]);
    skip(2800).await;
    assert!(world.verifier.known(&token).is_some());
    // 80 % of an hour: the next request has the keys fetched, so none is answered without asking
    skip(80).await;
    assert!(world.verifier.known(&token).is_none());
    assert_eq!(world.outcome(&token).await, Ok(()));
    world.asked(2).await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert!(world.verifier.known(&token).is_none());
    assert_eq!(world.outcome(&token).await, Err(Kind::Unauthenticated));
}

#[tokio::test]
async fn a_key_that_stays_keeps_its_tokens() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    let next = TokenMint::with_new_key(PROJECT);
    world.server.publish(&[&next, &world.mint]);
    skip(2880).await;
    assert_eq!(world.outcome(&token).await, Ok(()));
    world.asked(2).await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert!(world.verifier.known(&token).is_some());
}

#[tokio::test]
async fn another_key_under_the_same_name_ends_its_tokens() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    let mut key = TokenMint::with_new_key(PROJECT).jwk();
    key["kid"] = world.mint.kid().into();
    let keys = serde_json::json!({ "keys": [key] });
    world.server.answer(KeyAnswer::Text(keys.to_string()));
    skip(3600).await;
    assert_eq!(world.outcome(&token).await, Err(Kind::Unauthenticated));
    assert!(world.verifier.known(&token).is_none());
}

#[tokio::test]
async fn when_nobody_gets_in_a_remembered_token_does_not_either() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    world.server.answer(KeyAnswer::Status(500));
    skip(3600 + 6 * 3600).await;
    assert!(world.verifier.known(&token).is_none());
    assert_eq!(world.outcome(&token).await, Err(Kind::Unavailable));
    assert!(world.verifier.known(&token).is_none());
}

#[tokio::test]
async fn no_more_tokens_are_remembered_than_may_be() {
    let world = World::start().await;
    let small = verifier(&world.server).remembering(4);
    let none =
        tenancy_auth::IdTokenVerifier::new(PROJECT.parse().unwrap(), keys(&world.server)).remembering(0);
    let tokens: Vec<_> = (0..8).map(|n| world.draft().claim("n", n).sign()).collect();
    for token in &tokens {
        small.verify(token).await.unwrap();
        none.verify(token).await.unwrap();
        assert!(small.known(token).is_some() && none.known(token).is_none());
    }
    let known = tokens.iter().filter(|token| small.known(token).is_some()).count();
    assert!((1..=4).contains(&known), "{known}");
}
