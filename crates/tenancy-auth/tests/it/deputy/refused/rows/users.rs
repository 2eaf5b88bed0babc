//! In whose name.

use serde_json::Value;

use super::super::{Row, user};
use crate::deputy::parties::{Draft, now, without};

pub(super) const ROWS: &[Row] = &[
    (
        "another user's token beside it",
        |p, d| d.actor = Some(p.token(&p.acme, "carol")),
        Err("claims: `ath` is another user's token"),
    ),
    (
        "another tenant's user beside it",
        |p, d| d.actor = Some(p.token(&p.globex, "bob")),
        Err("claims: `ath` is another user's token"),
    ),
    (
        "another tenant's user, named",
        |p, d| user(p.token(&p.globex, "bob"), d),
        Err("the service's user is of another tenant"),
    ),
    (
        "who is no member",
        |p, d| user(p.token(&p.acme, "carol"), d),
        Err("the user is no member of the tenant"),
    ),
    (
        "no user beside it",
        |_, d| d.actor = None,
        Err("claims: `ath` has no actor token beside it"),
    ),
    (
        "a user that it does not name",
        |_, d| without(&mut d.claims, "ath"),
        Err("claims: `ath` is missing, beside an actor token"),
    ),
    (
        "a user that it does not name, as null",
        |_, d| d.claims["ath"] = Value::Null,
        Err("claims: `ath` is missing, beside an actor token"),
    ),
    (
        "an empty `ath`",
        |_, d| d.claims["ath"] = "".into(),
        Err("claims: `ath` is another user's token"),
    ),
    (
        "an expired user's token",
        |p, d| {
            user(
                p.mint
                    .draft(&p.acme.identity_tenant, &"alice".parse().unwrap())
                    .claim("exp", now() - 120)
                    .claim("iat", now() - 3600)
                    .claim("auth_time", now() - 3600)
                    .sign(),
                d,
            )
        },
        Err("claims: `exp` is past"),
    ),
    (
        "a user's token of nobody's making",
        |p, d| {
            user(
                p.mint
                    .draft(&p.acme.identity_tenant, &"alice".parse().unwrap())
                    .signed_by(&tenancy_testkit::TokenMint::with_new_key("demo-trips"))
                    .sign(),
                d,
            )
        },
        Err("signature: not made with the key of that `kid`"),
    ),
    (
        "a service token in the user's place",
        |p, d| user(Draft::of(p, "trips", &p.trips, &p.acme).sign().bearer, d),
        Err("header: `alg` is not RS256"),
    ),
    (
        "itself in the user's place",
        |_, d| {
            let own = d.sign().bearer;
            d.actor = Some(own);
        },
        Err("claims: `ath` is another user's token"),
    ),
];
