//! Who made it, and for whom.

use serde_json::json;

use super::super::{GOOD, Row};
use crate::deputy::parties::without;

pub(super) const ROWS: &[Row] = &[
    ("nothing", |_, _| {}, GOOD),
    (
        "another audience",
        |_, d| d.claims["aud"] = "other".into(),
        Err("claims: `aud` is another"),
    ),
    (
        "two audiences",
        |_, d| d.claims["aud"] = json!(["social", "other"]),
        Err("claims: `aud` has the wrong shape"),
    ),
    (
        "one audience, as an array",
        |_, d| d.claims["aud"] = json!(["social"]),
        Err("claims: `aud` has the wrong shape"),
    ),
    (
        "no audience",
        |_, d| without(&mut d.claims, "aud"),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "an unknown issuer",
        |_, d| d.claims["iss"] = "evil".into(),
        Err("claims: `iss` is no trusted service"),
    ),
    (
        "the receiver as issuer",
        |_, d| d.claims["iss"] = "social".into(),
        Err("claims: `iss` is no trusted service"),
    ),
    (
        "the key of A under the name of B",
        |p, d| {
            d.claims["iss"] = "pinned".into();
            d.claims["tenant"] = json!(p.globex.id);
        },
        Err("signature: no key of that `kid`"),
    ),
    (
        "the key of A, named as B's",
        |p, d| {
            d.claims["iss"] = "pinned".into();
            d.claims["tenant"] = json!(p.globex.id);
            d.header["kid"] = p.pinned.jwk()["kid"].clone();
        },
        Err("signature: not made with the key of that `kid`"),
    ),
    (
        "a key of nobody",
        |p, d| d.signed_by(&p.nobody),
        Err("signature: not made with the key of that `kid`"),
    ),
    (
        "a key of nobody, named as it is",
        |p, d| {
            d.signed_by(&p.nobody);
            d.header["kid"] = p.nobody.jwk()["kid"].clone();
        },
        Err("signature: no key of that `kid`"),
    ),
    (
        "the control plane's key",
        |p, d| d.signed_by(&p.control),
        Err("signature: not made with the key of that `kid`"),
    ),
    (
        "a service that may call others only",
        |p, d| {
            d.claims["iss"] = "stranger".into();
            d.signed_by(&p.stranger);
            d.header = p.stranger.header("tenancy-service+jwt");
        },
        Err("claims: `aud` is none that the service may call"),
    ),
];
