//! Tokens that must be refused, each for the one reason that it names.

mod corpus;
pub(crate) mod http;

use std::collections::HashSet;

use axum::{body::to_bytes, response::IntoResponse};
use tenancy_core::{Error, Kind, Result, VerifiedIdentity};

use self::corpus::{By, Row};
use crate::world::World;

async fn verify(world: &World, row: &Row) -> Result<VerifiedIdentity> {
    match row.by {
        By::IdTokens => world.verifier.verify(&row.token).await,
        By::SessionCookies => world.cookie_verifier.verify(&row.token).await,
    }
}

async fn refusal(world: &World, row: &Row) -> Error {
    match verify(world, row).await {
        Ok(identity) => panic!("{}: accepted as {identity:?}", row.what),
        Err(error) => error,
    }
}

#[tokio::test]
async fn each_hostile_token_is_refused_for_its_own_reason() {
    let world = World::start().await;
    let rows = corpus::rows(&world);
    // the corpus only grows
    assert!(rows.len() >= 362, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let outcome = match verify(&world, row).await {
            Ok(identity) => format!("accepted as {identity:?}"),
            Err(error) if error.kind() == Kind::Unauthenticated => error.log().unwrap_or_default().to_owned(),
            Err(error) => format!("{error:?}"),
        };
        let known = match row.by {
            By::IdTokens => world.verifier.known(&row.token),
            By::SessionCookies => world.cookie_verifier.known(&row.token),
        };
        if outcome != row.log || known.is_some() {
            wrong.push(format!("{}: {outcome}, expected {}", row.what, row.log));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((world.server.fetches(), world.cookie_server.fetches()), (1, 1));
}

#[tokio::test]
async fn no_row_of_the_corpus_is_there_twice() {
    let world = World::start().await;
    let (mut words, mut tokens) = (HashSet::new(), HashSet::new());
    for row in corpus::rows(&world) {
        assert!(words.insert(row.what), "{}", row.what);
        assert!(
            tokens.insert(format!("{:?} {}", row.by, row.token)),
            "{}",
            row.what
        );
    }
}

#[tokio::test]
async fn what_a_verifier_remembers_opens_nothing_else() {
    let world = World::start().await;
    world.verifier.verify(&world.token()).await.unwrap();
    world
        .cookie_verifier
        .verify(&world.cookie_draft().sign())
        .await
        .unwrap();
    for row in corpus::rows(&world) {
        refusal(&world, &row).await;
    }
}

#[tokio::test]
async fn the_response_is_the_same_to_the_byte_whatever_is_wrong() {
    let world = World::start().await;
    let expect = response(Error::unauthenticated("nothing")).await;
    for row in corpus::rows(&world) {
        let error = refusal(&world, &row).await;
        assert_eq!(response(error).await, expect, "{}", row.what);
    }
}

async fn response(error: Error) -> (String, Vec<u8>) {
    let (head, body) = error.into_response().into_parts();
    let body = to_bytes(body, 4096).await.unwrap();
    (format!("{} {:?}", head.status, head.headers), body.to_vec())
}

#[tokio::test]
async fn neither_log_nor_debug_repeats_a_token() {
    let world = World::start().await;
    let canary = "canary 7f3a";
    for name in [
        "iss",
        "aud",
        "sub",
        "exp",
        "iat",
        "auth_time",
        "nbf",
        "firebase",
        "firebase.tenant",
    ] {
        let values = [
            canary.into(),
            serde_json::json!([canary]),
            serde_json::json!({ canary: canary }),
        ];
        for value in values {
            // `sub` takes any text: the tenant's is broken beside it
            let token = world
                .draft()
                .claim("firebase.tenant", "?")
                .claim(name, value)
                .sign();
            let error = world.verifier.verify(&token).await.unwrap_err();
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let all = format!("{error} {error:?} {:?} {source:?}", error.log());
            assert!(!all.contains(canary) && !all.contains(&token), "{all}");
        }
    }
    let debug = format!("{:?}", world.verifier);
    assert!(debug.contains("demo-trips"), "{debug}");
}

#[tokio::test]
async fn a_token_that_is_not_for_us_costs_no_fetch() {
    let world = World::start().await;
    let hostile = corpus::rows(&world)
        .into_iter()
        .filter(|row| !row.log.starts_with("signature"));
    for row in hostile {
        refusal(&world, &row).await;
    }
    assert_eq!((world.server.fetches(), world.cookie_server.fetches()), (0, 0));
}
