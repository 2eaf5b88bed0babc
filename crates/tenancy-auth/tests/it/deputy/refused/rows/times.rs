//! For which time.

use serde_json::json;

use super::super::{GOOD, Row};
use crate::deputy::parties::{now, without};

pub(super) const ROWS: &[Row] = &[
    (
        "expired",
        |_, d| {
            d.claims["iat"] = json!(now() - 90);
            d.claims["exp"] = json!(now() - 30);
        },
        Err("claims: `exp` is past"),
    ),
    (
        "not yet",
        |_, d| {
            d.claims["iat"] = json!(now() + 60);
            d.claims["exp"] = json!(now() + 120);
        },
        Err("claims: `iat` is in the future"),
    ),
    (
        "for five minutes",
        |_, d| d.claims["exp"] = json!(d.claims["iat"].as_i64().unwrap() + 300),
        GOOD,
    ),
    (
        "for longer",
        |_, d| d.claims["exp"] = json!(d.claims["iat"].as_i64().unwrap() + 301),
        Err("claims: `exp` is too long after `iat`, or before it"),
    ),
    (
        "for ever",
        |_, d| d.claims["exp"] = json!(i64::MAX),
        Err("claims: `exp` is too long after `iat`, or before it"),
    ),
    (
        "from the beginning of time",
        |_, d| d.claims["iat"] = json!(i64::MIN),
        Err("claims: `exp` is too long after `iat`, or before it"),
    ),
    (
        "no end",
        |_, d| without(&mut d.claims, "exp"),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "an end as text",
        |_, d| d.claims["exp"] = "never".into(),
        Err("claims: `exp` has the wrong shape"),
    ),
    (
        "an end with a fraction",
        |_, d| d.claims["exp"] = json!(1.0e10),
        Err("claims: `exp` has the wrong shape"),
    ),
    (
        "no id",
        |_, d| without(&mut d.claims, "jti"),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "an id that is none",
        |_, d| d.claims["jti"] = "1".into(),
        Err("claims: `jti` has the wrong shape"),
    ),
];
