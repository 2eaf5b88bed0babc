//! What verifying a token costs that was not verified before, beside what the library alone takes for it.
//!
//! Both read the same sixteen tokens in turn. The verifier remembers two, so it knows none of them: it pays for looking, for
//! verifying and for remembering.

use std::hint::black_box;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use tenancy_auth::{IdTokenVerifier, KeySource};
use tenancy_testkit::{KeyServer, TokenMint, bench::Micro};
use tokio::runtime::{Builder, Runtime};

const PROJECT: &str = "demo-trips";
const TOKENS: i32 = 16;

/// `bare_decode` and `cold_token`.
pub(crate) fn cases() -> Vec<Micro> {
    tenancy_auth::install_crypto();
    let mint = TokenMint::new(PROJECT);
    let (tenant, alice) = ("T-free".parse().unwrap(), "alice".parse().unwrap());
    let tokens: Vec<String> = (0..TOKENS)
        .map(|n| mint.draft(&tenant, &alice).claim("n", n).sign())
        .collect();
    vec![bare_decode(&mint, tokens.clone()), cold_token(&mint, tokens)]
}

/// As much of a token as a service needs.
#[derive(serde::Deserialize)]
struct Claims {
    sub: String,
    auth_time: i64,
    firebase: Firebase,
}

#[derive(serde::Deserialize)]
struct Firebase {
    tenant: String,
}

/// One `jsonwebtoken::decode` with a ready key and everything that its `Validation` can require.
fn bare_decode(mint: &TokenMint, tokens: Vec<String>) -> Micro {
    let jwk = mint.jwk();
    let part = |name: &str| jwk[name].as_str().unwrap().to_owned();
    let key = DecodingKey::from_rsa_components(&part("n"), &part("e")).unwrap();
    let mut strict = Validation::new(Algorithm::RS256);
    strict.set_audience(&[PROJECT]);
    strict.set_issuer(&[format!("https://securetoken.google.com/{PROJECT}")]);
    strict.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    strict.validate_nbf = true;
    Micro::new("bare_decode", "bare_decode", move |times| {
        for token in in_turn(&tokens, times) {
            let claims = jsonwebtoken::decode::<Claims>(token, &key, &strict).unwrap().claims;
            black_box((claims.sub, claims.auth_time, claims.firebase.tenant));
        }
    })
}

/// The whole of a verification: every check, the key from the cache, the identity remembered.
fn cold_token(mint: &TokenMint, tokens: Vec<String>) -> Micro {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (server, verifier) = runtime.block_on(async {
        let server = KeyServer::start(mint).await.unwrap();
        let keys = KeySource::at(server.url().parse().unwrap());
        let verifier = IdTokenVerifier::new(PROJECT.parse().unwrap(), keys).remembering(2);
        // the one fetch is over before anything is measured
        verifier.verify(&tokens[0]).await.unwrap();
        (server, verifier)
    });
    Micro::new("cold_token", "bare_decode", move |times| {
        cold(&runtime, &verifier, in_turn(&tokens, times));
        // it answers for as long as the case is measured
        black_box(&server);
    })
}

fn in_turn(tokens: &[String], times: u64) -> impl Iterator<Item = &String> {
    (0..times).zip(tokens.iter().cycle()).map(|(_, token)| token)
}

fn cold<'a>(runtime: &Runtime, verifier: &IdTokenVerifier, tokens: impl Iterator<Item = &'a String>) {
    runtime.block_on(async {
        for token in tokens {
            black_box(verifier.verify(token).await.unwrap());
        }
    });
}
