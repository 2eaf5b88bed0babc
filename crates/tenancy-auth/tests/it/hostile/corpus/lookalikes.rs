//! Claims that look like ours to a reader who trims, folds, decodes or normalises.

use serde_json::json;

use super::{Row, row};
use crate::world::World;

const ISS: &str = "claims: `iss` is another";
const AUD: &str = "claims: `aud` is another";
const SUB: &str = "claims: `sub` is not 1 to 128 bytes without control characters";
const TENANT: &str = "claims: `firebase.tenant` is no identity tenant";
const TYP: &str = "header: `typ` is not JWT";
const ALG: &str = "header: `alg` is not RS256";
const UNKNOWN: &str = "signature: no key of that `kid`";

pub(in super::super) fn lookalikes(world: &World) -> Vec<Row> {
    let mut rows = issuers(world);
    rows.extend(audiences(world));
    rows.extend(people(world));
    rows.extend(headers(world));
    rows
}

fn issuers(world: &World) -> Vec<Row> {
    let iss = |iss: &str| world.draft().claim("iss", iss).sign();
    vec![
        row(
            "issuer with a port",
            iss("https://securetoken.google.com:443/demo-trips"),
            ISS,
        ),
        row(
            "issuer with a user",
            iss("https://x@securetoken.google.com/demo-trips"),
            ISS,
        ),
        row(
            "issuer with a query",
            iss("https://securetoken.google.com/demo-trips?x"),
            ISS,
        ),
        row(
            "issuer with a fragment",
            iss("https://securetoken.google.com/demo-trips#x"),
            ISS,
        ),
        row(
            "issuer with two slashes",
            iss("https://securetoken.google.com//demo-trips"),
            ISS,
        ),
        row(
            "issuer with dots in its path",
            iss("https://securetoken.google.com/x/../demo-trips"),
            ISS,
        ),
        row(
            "issuer with an escape",
            iss("https://securetoken.google.com/demo%2Dtrips"),
            ISS,
        ),
        row(
            "issuer with a dot after the host",
            iss("https://securetoken.google.com./demo-trips"),
            ISS,
        ),
        row(
            "issuer with a line feed",
            iss("https://securetoken.google.com/demo-trips\n"),
            ISS,
        ),
        row(
            "issuer with a null byte",
            iss("https://securetoken.google.com/demo-trips\0"),
            ISS,
        ),
        row(
            "issuer without a scheme",
            iss("securetoken.google.com/demo-trips"),
            ISS,
        ),
        row(
            "issuer with a Cyrillic letter",
            iss("https://securetoken.google.com/demo-trip\u{0455}"),
            ISS,
        ),
        row(
            "issuer without a project",
            iss("https://securetoken.google.com/"),
            ISS,
        ),
        row("issuer the project alone", iss("demo-trips"), ISS),
    ]
}

fn audiences(world: &World) -> Vec<Row> {
    let aud = |aud: &str| world.draft().claim("aud", aud).sign();
    vec![
        row("audience a list in a text", aud("demo-trips,other"), AUD),
        row("audience words in a text", aud("other demo-trips"), AUD),
        row("audience a JSON text", aud("[\"demo-trips\"]"), AUD),
        row("audience the project's number", aud("123456789012"), AUD),
        row("audience an address", aud("https://demo-trips"), AUD),
        row("audience with a null byte", aud("demo-trips\0"), AUD),
        row("audience with a Cyrillic letter", aud("dem\u{043e}-trips"), AUD),
        row("audience with another hyphen", aud("demo\u{2010}trips"), AUD),
        row("audience everyone", aud("*"), AUD),
        row(
            "audience a list in a list",
            world.draft().claim("aud", json!([["demo-trips"]])).sign(),
            "claims: `aud` has the wrong shape",
        ),
    ]
}

fn people(world: &World) -> Vec<Row> {
    let sub = |sub: &str| world.draft().claim("sub", sub).sign();
    let tenant = |tenant: &str| world.draft().claim("firebase.tenant", tenant).sign();
    vec![
        row("sub with a tab", sub("alice\tbob"), SUB),
        row("sub with a delete", sub("alice\u{7f}"), SUB),
        row(
            "sub with a control character beyond ASCII",
            sub("alice\u{85}"),
            SUB,
        ),
        row("sub a line feed alone", sub("\n"), SUB),
        row("tenant with a line feed", tenant("T-free\n"), TENANT),
        row("tenant with a space before", tenant(" T-free"), TENANT),
        row("tenant a list in a text", tenant("T-free,T-other"), TENANT),
        row("tenant with an escape", tenant("T%2Dfree"), TENANT),
        row("tenant with an underscore", tenant("T_free"), TENANT),
        row("tenant with a dot", tenant("T-free."), TENANT),
        row("tenant with another hyphen", tenant("T\u{2011}free"), TENANT),
        row("tenant with a Cyrillic letter", tenant("T-fr\u{0435}e"), TENANT),
        row(
            "tenant with a digit of another script",
            tenant("T-free\u{0661}"),
            TENANT,
        ),
        row("tenant read from right to left", tenant("\u{202e}eerf-T"), TENANT),
        row("tenant everyone", tenant("****"), TENANT),
        row("tenant with SQL", tenant("T-free' OR '1'='1"), TENANT),
    ]
}

fn headers(world: &World) -> Vec<Row> {
    let typ = |typ: &str| world.draft().header("typ", typ).sign();
    let alg = |alg: &str| world.draft().header("alg", alg).sign();
    let kid = |kid: String| world.draft().header("kid", kid).sign();
    let known = world.mint.kid();
    vec![
        row("typ empty", typ(""), TYP),
        row("typ JOSE", typ("JOSE"), TYP),
        row("a token that ends a session", typ("logout+jwt"), TYP),
        row("a token of a security event", typ("secevent+jwt"), TYP),
        row("typ with the media type's prefix", typ("application/jwt"), TYP),
        row("typ with a space", typ("JWT "), TYP),
        row("alg a list in a text", alg("none,RS256"), ALG),
        row("alg with a null byte", alg("RS256\0"), ALG),
        row("alg of another hash", alg("RS1"), ALG),
        row("alg of another curve", alg("ES256K"), ALG),
        row("alg that encrypts", alg("RSA-OAEP"), ALG),
        row("alg that shares a key", alg("dir"), ALG),
        row("kid with a space after", kid(format!("{known} ")), UNKNOWN),
        row("kid with a line feed", kid(format!("{known}\n")), UNKNOWN),
        row(
            "kid without its first letter",
            kid(known[1..].to_owned()),
            UNKNOWN,
        ),
        row("kid in quotation marks", kid(format!("\"{known}\"")), UNKNOWN),
        row("kid a pattern", kid("*".into()), UNKNOWN),
        row(
            "crit false",
            world.draft().header("crit", false).sign(),
            "header: `crit` is present",
        ),
        row(
            "crit a text",
            world.draft().header("crit", "exp").sign(),
            "header: `crit` is present",
        ),
    ]
}
