//! What is accepted: the corpus of hostile tokens would also pass against a verifier that refuses everything.

use serde_json::{Value, json};
use tenancy_testkit::{KeyServer, TokenDraft, TokenMint};

use crate::world::{PROJECT, World};

async fn check(world: &World, what: &str, draft: TokenDraft) {
    let identity = world.verifier.verify(&draft.sign()).await;
    let identity = identity.unwrap_or_else(|error| panic!("{what}: {:?}", error.log()));
    assert_eq!(identity.subject().as_str(), "alice", "{what}");
    assert_eq!(identity.tenant().as_str(), "T-free", "{what}");
}

#[tokio::test]
async fn tokens_as_identity_platform_makes_them_are_accepted() {
    let world = World::start().await;
    let good = || world.draft();
    check(&world, "as it is", good()).await;
    check(&world, "without `typ`", good().without_header("typ")).await;
    check(&world, "`typ` in lower case", good().header("typ", "jwt")).await;
    check(
        &world,
        "claims of the application's own",
        good().claim("plan", json!({ "a": [1, null] })),
    )
    .await;
    check(&world, "without e-mail", good().without_claim("email")).await;
    check(
        &world,
        "signed in by phone",
        good().claim("firebase.sign_in_provider", "phone"),
    )
    .await;
    check(&world, "with `nbf`", good().claim("nbf", 1_600_000_000)).await;
    check(
        &world,
        "signed in long ago",
        good().claim("auth_time", 1_600_000_000),
    )
    .await;
    check(
        &world,
        "white space in the JSON",
        good().rewrite_claims(|text| format!("\n {text} ")),
    )
    .await;
    check(
        &world,
        "levels without end in a claim that nobody reads",
        good().rewrite_claims(|text| {
            let deep = format!("{{\"x\":{}{},", "[".repeat(1000), "]".repeat(1000));
            text.replacen('{', &deep, 1)
        }),
    )
    .await;
    let escaped = good().rewrite_claims(|text| text.replace("\"T-free\"", "\"T\\u002dfree\""));
    check(&world, "an escape in the JSON", escaped).await;
}

#[tokio::test]
async fn a_token_may_be_as_long_as_the_limit() {
    let world = World::start().await;
    // four characters for three bytes, of which the claim takes 13 beside its value
    let room = (8192 - world.token().len()) / 4 * 3 - 13;
    let token = world.draft().claim("padding", "x".repeat(room)).sign();
    assert!((8185..=8192).contains(&token.len()), "{}", token.len());
    world.verifier.verify(&token).await.unwrap();
}

#[tokio::test]
async fn an_identity_is_what_the_token_says() {
    let world = World::start().await;
    let (tenant, subject) = ("T-Other".parse().unwrap(), "Bob|7".parse().unwrap());
    let exp = jiff::Timestamp::now().as_second() + 120;
    let token = world.mint.draft(&tenant, &subject).claim("exp", exp).sign();
    let identity = world.verifier.verify(&token).await.unwrap();
    assert_eq!((identity.tenant(), identity.subject()), (&tenant, &subject));
    assert_eq!(identity.expires_at().as_second(), exp);
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_neither_used_nor_fetched() {
    let world = World::start().await;
    let mallory = TokenMint::with_new_key(PROJECT);
    let hers = KeyServer::start(&mallory).await.unwrap();
    let carry = |draft: TokenDraft| {
        draft
            .header("jku", hers.url())
            .header("x5u", hers.url())
            .header("jwk", mallory.jwk())
            .header("x5c", Value::from(vec!["AA=="]))
    };
    check(&world, "signed by the right key", carry(world.draft())).await;
    let refused = world
        .verifier
        .verify(&carry(world.draft()).signed_by(&mallory).sign())
        .await;
    let log = refused.unwrap_err().log().unwrap().to_owned();
    assert_eq!(log, "signature: not made with the key of that `kid`");
    let named = carry(world.draft())
        .header("kid", mallory.kid())
        .signed_by(&mallory);
    let refused = world.verifier.verify(&named.sign()).await;
    assert_eq!(
        refused.unwrap_err().log(),
        Some("signature: no key of that `kid`")
    );
    assert_eq!(hers.fetches(), 0);
}
