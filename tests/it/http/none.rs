//! No token, or one that proves nothing: every route answers 401, with the same bytes whatever is wrong.

use demo::world::{PROJECT, Tenant};
use tenancy_core::Role;
use tenancy_testkit::{Signing, TokenMint};

use super::routes::all;
use crate::harness::{Call, Stock, Trips, on_trips};

/// Tokens of a tenant's owner that the identity provider never gave out, or that are no good any more.
fn forgeries(trips: &Trips, tenant: &Tenant) -> Vec<(&'static str, String)> {
    let (pool, owner) = (
        &tenant.record.identity_tenant,
        &tenant.member(Role::Owner).unwrap().subject,
    );
    let draft = || trips.world.mint().draft(pool, owner);
    let foreign = TokenMint::with_new_key(PROJECT);
    let good = draft().sign();
    let part = |n: usize| good.split('.').nth(n).unwrap();
    let pem = trips.world.mint().public_key_pem().into_bytes();
    vec![
        ("empty", String::new()),
        ("malformed", "nonsense".to_owned()),
        ("two segments", format!("{}.{}", part(0), part(1))),
        ("no signature", format!("{}.{}.", part(0), part(1))),
        ("unsigned", draft().signing(Signing::Nothing).sign()),
        ("expired", draft().claim("exp", 1_600_000_000).sign()),
        ("not yet issued", draft().claim("iat", 4_000_000_000_u64).sign()),
        ("without an expiry", draft().without_claim("exp").sign()),
        (
            "of another project",
            TokenMint::new("another-project").token(pool, owner),
        ),
        (
            "for another audience",
            draft().claim("aud", "another-project").sign(),
        ),
        ("signed with a foreign key", draft().signed_by(&foreign).sign()),
        ("signed with an unknown key", foreign.token(pool, owner)),
        ("oversized", draft().claim("padding", "x".repeat(20 << 10)).sign()),
        (
            "HS256 with the public key",
            draft().signing(Signing::Hs256(pem)).sign(),
        ),
        ("RS512", draft().signing(Signing::Rs512).sign()),
        ("ES256", draft().signing(Signing::Es256).sign()),
        (
            "says RS256, is HS256",
            draft()
                .signing(Signing::Hs256(b"key".to_vec()))
                .header("alg", "RS256")
                .sign(),
        ),
        ("without a key's id", draft().without_header("kid").sign()),
        (
            "without a tenant",
            draft().without_claim("firebase.tenant").sign(),
        ),
        (
            "with an empty tenant",
            draft().claim("firebase.tenant", "").sign(),
        ),
        ("without a subject", draft().claim("sub", "").sign()),
    ]
}

/// Other ways to send no token.
fn headers(trips: &Trips, tenant: &Tenant, call: &Call) -> Vec<(&'static str, Call)> {
    let token = trips.token(tenant, Role::Owner);
    let basic = call.clone().header("authorization", &format!("Basic {token}"));
    vec![
        ("nothing", call.clone()),
        ("another scheme", basic),
        ("no scheme", call.clone().header("authorization", &token)),
        ("two tokens", call.clone().token(&token).token(&token)),
        (
            "a cookie",
            call.clone().header("cookie", &format!("session={token}")),
        ),
        (
            "in another header",
            call.clone().header("x-authorization", &format!("Bearer {token}")),
        ),
    ]
}

#[test]
fn every_route_refuses_every_bad_token_with_the_same_bytes() {
    on_trips(async |trips| {
        for tenant in ["bob", "acme"].map(|slug| trips.tenant(slug)) {
            let forgeries = forgeries(trips, tenant);
            for route in all() {
                let call = route.call(trips, tenant, &Stock::nobody());
                let refusal = call.send().await;
                assert_eq!(
                    (refusal.status, refusal.code().as_str()),
                    (401, "unauthenticated"),
                    "{route}"
                );
                assert_eq!(refusal.header("www-authenticate"), Some("Bearer"), "{route}");
                let forged = forgeries
                    .iter()
                    .map(|(what, token)| (*what, call.clone().token(token)));
                for (what, call) in forged.chain(headers(trips, tenant, &call)) {
                    assert_eq!(call.send().await.seen(), refusal.seen(), "{route}: {what}");
                }
            }
        }
    });
}

/// A good token proves who asks; that is nobody here.
#[test]
fn a_good_token_of_no_member_reads_like_an_unknown_id() {
    on_trips(async |trips| {
        for (tenant, stranger) in [("bob", "ada"), ("acme", "globex")] {
            let (tenant, stranger) = (
                trips.tenant(tenant),
                trips.tenant(stranger).member(Role::Owner).unwrap(),
            );
            let token = trips
                .world
                .mint()
                .token(&tenant.record.identity_tenant, &stranger.subject);
            for route in all() {
                let answer = route
                    .call(trips, tenant, &Stock::nobody())
                    .token(&token)
                    .send()
                    .await;
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (404, "not_found"),
                    "{route}"
                );
            }
        }
    });
}
