//! Tokens that name a key that the cache does not have.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join_all;
use tenancy_core::Kind;
use tenancy_testkit::{KeyAnswer, TokenMint};

use crate::{
    time::skip,
    world::{PROJECT, World, subject, tenant},
};

/// Whoever spams does not sign.
fn spam(world: &World, kids: std::ops::Range<u32>) -> Vec<String> {
    let good = world.token();
    let claims = good.split('.').nth(1).unwrap();
    let header = |kid| URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"RS256","kid":"unknown-{kid}"}}"#));
    kids.map(|kid| format!("{}.{claims}.AA", header(kid))).collect()
}

async fn check_unknown(world: &World, spam: &[String], fetches: u64) {
    let refused = join_all(spam.iter().map(|token| world.verifier.verify(token))).await;
    for error in refused {
        assert_eq!(error.unwrap_err().log(), Some("signature: no key of that `kid`"));
    }
    assert_eq!(world.server.fetches(), fetches);
}

#[tokio::test]
async fn ten_thousand_unknown_kids_cause_one_fetch_in_a_cool_down() {
    let world = World::start().await;
    world.verifier.verify(&world.token()).await.unwrap();
    check_unknown(&world, &spam(&world, 0..10_000), 1).await;
    for fetches in 2..4 {
        skip(30).await;
        check_unknown(&world, &spam(&world, 0..1000), fetches).await;
        check_unknown(&world, &spam(&world, 1000..2000), fetches).await;
    }
}

#[tokio::test]
async fn a_key_that_is_new_is_found_after_the_cool_down() {
    let world = World::start().await;
    let next = TokenMint::with_new_key(PROJECT);
    let (old, new) = (world.token(), next.token(&tenant(), &subject()));
    world.verifier.verify(&old).await.unwrap();
    world.server.publish(&[&world.mint, &next]);
    assert_eq!(world.outcome(&new).await, Err(Kind::Unauthenticated));
    assert_eq!(world.server.fetches(), 1);
    skip(30).await;
    assert_eq!(world.outcome(&new).await, Ok(()));
    assert_eq!(world.outcome(&old).await, Ok(()));
    assert_eq!(world.server.fetches(), 2);
}

#[tokio::test]
async fn a_new_key_is_not_called_unknown_when_the_server_failed() {
    let world = World::start().await;
    world.verifier.verify(&world.token()).await.unwrap();
    world.server.answer(KeyAnswer::Status(500));
    skip(30).await;
    assert_eq!(
        world.outcome(&spam(&world, 0..1)[0]).await,
        Err(Kind::Unavailable)
    );
    assert_eq!(
        world.outcome(&spam(&world, 1..2)[0]).await,
        Err(Kind::Unavailable)
    );
    assert_eq!(world.outcome(&world.token()).await, Ok(()));
    assert_eq!(world.server.fetches(), 2);
}

#[tokio::test]
async fn a_thousand_requests_with_a_new_key_cause_one_fetch() {
    let world = World::start().await;
    world.verifier.verify(&world.token()).await.unwrap();
    let next = TokenMint::with_new_key(PROJECT);
    world.server.publish(&[&world.mint, &next]);
    skip(30).await;
    // not one token a thousand times: none of them is remembered
    let tokens: Vec<_> = (0..1000)
        .map(|n| next.draft(&tenant(), &subject()).claim("n", n).sign())
        .collect();
    let served = join_all(tokens.iter().map(|token| world.verifier.verify(token))).await;
    assert!(served.into_iter().all(|served| served.is_ok()));
    assert_eq!(world.server.fetches(), 2);
}
