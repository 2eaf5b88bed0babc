//! What it looks like.

use serde_json::json;

use super::super::Row;
use crate::deputy::parties::{JOB, OPERATOR, without};

pub(super) const ROWS: &[Row] = &[
    (
        "a claim that is not known",
        |_, d| d.claims["act"] = json!({ "sub": "root" }),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "a claim twice",
        |_, d| d.rewrite = |text| text.replacen('{', r#"{"aud":"other","#, 1),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "trailing bytes",
        |_, d| d.rewrite = |text| text + "{}",
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "claims as an array",
        |_, d| d.claims = json!(["trips", "social"]),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "claims that are long",
        |_, d| d.claims["htp"] = "/".repeat(4096).into(),
        Err("proof: longer than one of its kind may be"),
    ),
    (
        "no algorithm",
        |_, d| d.header["alg"] = "none".into(),
        Err("header: `alg` is neither ES256 nor EdDSA"),
    ),
    (
        "HMAC",
        |_, d| d.header["alg"] = "HS256".into(),
        Err("header: `alg` is neither ES256 nor EdDSA"),
    ),
    (
        "RS256",
        |_, d| d.header["alg"] = "RS256".into(),
        Err("header: `alg` is neither ES256 nor EdDSA"),
    ),
    (
        "ES384",
        |_, d| d.header["alg"] = "ES384".into(),
        Err("header: `alg` is neither ES256 nor EdDSA"),
    ),
    (
        "the other algorithm",
        |_, d| {
            d.header["alg"] = if d.header["alg"] == "ES256" {
                "EdDSA"
            } else {
                "ES256"
            }
            .into()
        },
        Err("header: `alg` is not the key's"),
    ),
    (
        "no `kid`",
        |_, d| without(&mut d.header, "kid"),
        Err("header: no JSON object of the expected shape"),
    ),
    (
        "an empty `kid`",
        |_, d| d.header["kid"] = "".into(),
        Err("header: `kid` is not 1 to 128 bytes"),
    ),
    (
        "`crit`",
        |_, d| d.header["crit"] = json!(["exp"]),
        Err("header: no JSON object of the expected shape"),
    ),
    (
        "an empty `crit`",
        |_, d| d.header["crit"] = json!([]),
        Err("header: no JSON object of the expected shape"),
    ),
    (
        "a key in the header",
        |p, d| {
            d.header["jwk"] = p.nobody.jwk().clone();
            d.signed_by(&p.nobody);
        },
        Err("header: no JSON object of the expected shape"),
    ),
    (
        "an address of keys",
        |_, d| d.header["jku"] = "https://evil.example/jwks.json".into(),
        Err("header: no JSON object of the expected shape"),
    ),
    (
        "the type of a job",
        |_, d| d.header["typ"] = JOB.into(),
        Err("an actor token beside a token that is no service's"),
    ),
    (
        "the type of a grant",
        |_, d| d.header["typ"] = OPERATOR.into(),
        Err("an actor token beside a token that is no service's"),
    ),
    (
        "the type of an ID token",
        |_, d| d.header["typ"] = "JWT".into(),
        Err("an actor token beside a token that is no service's"),
    ),
    (
        "the type in capitals",
        |_, d| d.header["typ"] = "Tenancy-Service+JWT".into(),
        Err("an actor token beside a token that is no service's"),
    ),
    (
        "no type",
        |_, d| without(&mut d.header, "typ"),
        Err("an actor token beside a token that is no service's"),
    ),
];
