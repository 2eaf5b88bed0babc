//! The first fetch, and those that fail.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tenancy_core::Kind;
use tenancy_testkit::{KeyAnswer, KeyServer, TokenMint};

use crate::world::{PROJECT, World, verifier};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_first_uses_cause_one_fetch() {
    let world = World::start().await;
    let token = world.token();
    let uses = (0..1000).map(|_| {
        let (verifier, token) = (world.verifier.clone(), token.clone());
        tokio::spawn(async move { verifier.verify(&token).await.is_ok() })
    });
    let accepted = join_all(uses.collect::<Vec<_>>()).await;
    assert!(accepted.into_iter().all(|accepted| accepted.unwrap()));
    assert_eq!(world.server.fetches(), 1);
}

#[tokio::test]
async fn a_verifier_is_made_without_a_key_server() {
    let mint = TokenMint::new(PROJECT);
    let server = KeyServer::start(&mint).await.unwrap();
    let verifier = verifier(&server);
    assert_eq!(server.fetches(), 0);
    drop(server);
    let token = mint.token(&"T-free".parse().unwrap(), &"alice".parse().unwrap());
    let error = verifier.verify(&token).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(error.log(), Some("the key server failed: it can't be reached"));
    assert!(error.problem().retry_after_seconds().is_some());
}

async fn check(answer: KeyAnswer, log: &str) {
    let world = World::start().await;
    world.server.answer(answer.clone());
    let token = world.token();
    let error = world.verifier.verify(&token).await.unwrap_err();
    let log = format!("the key server failed: {log}");
    assert_eq!(
        (error.kind(), error.log()),
        (Kind::Unavailable, Some(&*log)),
        "{answer:?}"
    );
    tokio::time::sleep(Duration::from_millis(1050)).await;
    world.server.answer(KeyAnswer::Keys);
    world.verifier.verify(&token).await.unwrap();
    assert_eq!(world.server.fetches(), 2, "{answer:?}");
}

#[tokio::test]
async fn a_server_that_fails_lets_nobody_in_and_is_asked_again_after_a_second() {
    let elsewhere = KeyServer::start(&TokenMint::new(PROJECT)).await.unwrap();
    let weak = r#"{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"k","n":"qw","e":"AQAB"}]}"#;
    let none = "its answer has no RSA key of 2048 bits or more for RS256 signatures";
    let shape = "its answer is no JSON Web Key Set";
    let late = "it did not answer within 3s";
    // some at a time: each has a client of its own to make, within its three seconds
    tokio::join!(
        check(
            KeyAnswer::Status(500),
            "it answered with status 500 Internal Server Error"
        ),
        check(KeyAnswer::Status(404), "it answered with status 404 Not Found"),
        check(
            KeyAnswer::Status(206),
            "it answered with status 206 Partial Content"
        ),
        check(
            KeyAnswer::Redirect(elsewhere.url()),
            "it answered with status 302 Found"
        ),
    );
    tokio::join!(
        check(KeyAnswer::Html, shape),
        check(KeyAnswer::Text(String::new()), shape),
        check(KeyAnswer::Text("[]".into()), shape),
    );
    tokio::join!(
        check(KeyAnswer::Empty, none),
        check(KeyAnswer::Text(weak.into()), none),
        check(KeyAnswer::Oversized, "its answer is longer than 65536 bytes"),
        check(KeyAnswer::Gigabyte, "its answer is longer than 65536 bytes"),
        check(KeyAnswer::Hang, late),
        check(KeyAnswer::Stall, late),
    );
    assert_eq!(elsewhere.fetches(), 0);
}

#[tokio::test]
async fn a_server_that_fails_at_once_is_not_asked_for_each_request() {
    let world = World::start().await;
    world.server.answer(KeyAnswer::Status(500));
    let (token, asked) = (world.token(), Instant::now());
    for _ in 0..1000 {
        assert_eq!(world.outcome(&token).await, Err(Kind::Unavailable));
    }
    assert!(world.server.fetches() <= 1 + asked.elapsed().as_secs());
}

#[tokio::test]
async fn those_who_wait_may_be_cancelled_without_harm_to_the_others() {
    let world = World::start().await;
    world.server.answer(KeyAnswer::Hang);
    let token = world.token();
    // the first starts the fetch and gives up at once
    let first = tokio::time::timeout(Duration::from_millis(100), world.verifier.verify(&token)).await;
    assert!(first.is_err());
    let error = world.verifier.verify(&token).await.unwrap_err();
    assert_eq!(
        error.log(),
        Some("the key server failed: it did not answer within 3s")
    );
    assert_eq!(world.server.fetches(), 1);
}

#[test]
fn a_fetch_that_ended_with_its_runtime_is_made_again() {
    let [servers, first] = [(); 2].map(|()| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().unwrap()
    });
    let world = servers.block_on(World::start());
    let token = world.token();
    world.server.answer(KeyAnswer::Hang);
    let waits =
        async { tokio::time::timeout(Duration::from_millis(500), world.verifier.verify(&token)).await };
    assert!(first.block_on(waits).is_err());
    drop(first);
    world.server.answer(KeyAnswer::Keys);
    servers.block_on(world.verifier.verify(&token)).unwrap();
}

#[tokio::test]
async fn a_set_may_have_many_keys() {
    let world = World::start().await;
    let other = |n: usize| {
        let mut key = world.mint.jwk();
        key["kid"] = n.to_string().into();
        key
    };
    let keys: Vec<_> = (0..100).map(other).chain([world.mint.jwk()]).collect();
    let keys = serde_json::json!({ "keys": keys }).to_string();
    assert!((32_768..65_536).contains(&keys.len()), "{}", keys.len());
    world.server.answer(KeyAnswer::Text(keys));
    world.verifier.verify(&world.token()).await.unwrap();
}
