//! Tokens that must be refused, each for the one reason that it names.

mod corpus;

use axum::{body::to_bytes, response::IntoResponse};
use tenancy_core::{Error, Kind};

use crate::world::World;

async fn refusal(world: &World, token: &str, what: &str) -> Error {
    match world.verifier.verify(token).await {
        Ok(identity) => panic!("{what}: accepted as {identity:?}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn each_hostile_token_is_refused_for_its_own_reason() {
    let world = World::start().await;
    let rows = corpus::rows(&world);
    // the corpus only grows
    assert!(rows.len() >= 201, "{} rows", rows.len());
    for row in rows {
        let error = refusal(&world, &row.token, row.what).await;
        assert_eq!(error.kind(), Kind::Unauthenticated, "{}", row.what);
        assert_eq!(error.log(), Some(row.log), "{}", row.what);
    }
    assert_eq!(world.server.fetches(), 1);
}

#[tokio::test]
async fn the_response_is_the_same_to_the_byte_whatever_is_wrong() {
    let world = World::start().await;
    let expect = response(Error::unauthenticated("nothing")).await;
    for row in corpus::rows(&world) {
        let error = refusal(&world, &row.token, row.what).await;
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
            let error = refusal(&world, &token, name).await;
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
        refusal(&world, &row.token, row.what).await;
    }
    assert_eq!(world.server.fetches(), 0);
}
