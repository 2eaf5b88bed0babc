//! Session cookies for the verifier of ID tokens, and ID tokens and spoiled cookies for the verifier of cookies.

use jiff::Timestamp;
use serde_json::{Value, json};
use tenancy_testkit::{Signing, TokenMint};

use super::{By, Row, row};
use crate::world::{World, subject, tenant};

const ISS: &str = "claims: `iss` is another";
const UNKNOWN: &str = "signature: no key of that `kid`";
const COOKIES: &str = "https://session.firebase.google.com/demo-trips";
const TOKENS: &str = "https://securetoken.google.com/demo-trips";

pub(in super::super) fn for_tokens(world: &World) -> Vec<Row> {
    let cookie = || world.cookie_draft();
    let issuers = json!([TOKENS, COOKIES]);
    vec![
        row("a genuine session cookie", cookie().sign(), ISS),
        row(
            "a session cookie signed by the key of ID tokens",
            world.mint.session_cookie(&tenant(), &subject()),
            ISS,
        ),
        row(
            "an ID token that lives as long as a cookie",
            world.draft().claim("exp", in_seconds(5 * DAY)).sign(),
            "claims: `exp` is more than a day after `iat`",
        ),
        row(
            "an ID token signed by the key of cookies",
            cookie()
                .claim("iss", TOKENS)
                .claim("exp", in_seconds(3600))
                .sign(),
            UNKNOWN,
        ),
        row(
            "both issuers",
            world.draft().claim("iss", issuers).sign(),
            "claims: `iss` has the wrong shape",
        ),
        row(
            "an ID token that ends before it begins",
            world
                .draft()
                .claim("iat", in_seconds(50))
                .claim("exp", in_seconds(10))
                .sign(),
            "claims: `exp` is before `iat`",
        ),
    ]
}

const DAY: i64 = 24 * 3600;

fn in_seconds(seconds: i64) -> i64 {
    Timestamp::now().as_second() + seconds
}

pub(in super::super) fn for_cookies(world: &World) -> Vec<Row> {
    let mut rows = other_tokens(world);
    rows.extend(spoiled(world));
    for row in &mut rows {
        row.by = By::SessionCookies;
    }
    rows
}

fn other_tokens(world: &World) -> Vec<Row> {
    let iss = |iss: &str| world.cookie_draft().claim("iss", iss).sign();
    let foreign = TokenMint::new("other-project").session_cookie(&tenant(), &subject());
    vec![
        row("cookie: an ID token", world.token(), ISS),
        row(
            "cookie: an ID token signed by the key of cookies",
            world.cookies.token(&tenant(), &subject()),
            ISS,
        ),
        row("cookie: an ID token of five days", iss(TOKENS), ISS),
        row(
            "cookie: signed by the key of ID tokens",
            world.mint.session_cookie(&tenant(), &subject()),
            UNKNOWN,
        ),
        row(
            "cookie: signed by the key of ID tokens under a known kid",
            world.cookie_draft().signed_by(&world.mint).sign(),
            "signature: not made with the key of that `kid`",
        ),
        row("cookie: of another project", foreign, ISS),
        row(
            "cookie: issuer of another project",
            iss("https://session.firebase.google.com/demo-trips2"),
            ISS,
        ),
        row(
            "cookie: issuer with a slash",
            iss("https://session.firebase.google.com/demo-trips/"),
            ISS,
        ),
        row(
            "cookie: issuer without TLS",
            iss("http://session.firebase.google.com/demo-trips"),
            ISS,
        ),
        row(
            "cookie: both issuers",
            world.cookie_draft().claim("iss", json!([COOKIES, TOKENS])).sign(),
            "claims: `iss` has the wrong shape",
        ),
        row(
            "cookie: audience of another project",
            world.cookie_draft().claim("aud", "other-project").sign(),
            "claims: `aud` is another",
        ),
        row("cookie: Google sign-in", iss("https://accounts.google.com"), ISS),
    ]
}

fn spoiled(world: &World) -> Vec<Row> {
    let claim = |name: &str, value: Value| world.cookie_draft().claim(name, value).sign();
    let exp = |seconds: i64| claim("exp", in_seconds(seconds).into());
    let signed = |signing: Signing| world.cookie_draft().signing(signing).sign();
    let long = "claims: `exp` is more than 14 days after `iat`";
    let short = "claims: `exp` is less than five minutes after `iat`";
    vec![
        row("cookie: empty", "", "token: not three segments"),
        row(
            "cookie: unsigned",
            signed(Signing::Nothing),
            "header: `alg` is not RS256",
        ),
        row(
            "cookie: HMAC with the public key",
            signed(Signing::Hs256(world.cookies.public_key_pem().into())),
            "header: `alg` is not RS256",
        ),
        row(
            "cookie: crit",
            world.cookie_draft().header("crit", json!(["exp"])).sign(),
            "header: `crit` is present",
        ),
        row(
            "cookie: without kid",
            world.cookie_draft().without_header("kid").sign(),
            "header: `kid` is missing",
        ),
        row(
            "cookie: too long",
            claim("padding", "x".repeat(8192).into()),
            "token: longer than 8192 bytes",
        ),
        row("cookie: lives 15 days", exp(15 * DAY), long),
        row(
            "cookie: lives a minute more than 14 days",
            exp(14 * DAY + 60),
            long,
        ),
        row("cookie: never ends", claim("exp", i64::MAX.into()), long),
        row("cookie: lives four minutes", exp(240), short),
        row("cookie: ends before it begins", exp(-1), short),
        row("cookie: expired", exp(-61), "claims: `exp` is past"),
        row(
            "cookie: made tomorrow",
            world.cookie_draft().claim("iat", in_seconds(DAY)).sign(),
            "claims: `iat` is in the future",
        ),
        row(
            "cookie: made a month ago",
            claim("iat", in_seconds(-30 * DAY).into()),
            long,
        ),
        row(
            "cookie: signed in tomorrow",
            claim("auth_time", in_seconds(DAY).into()),
            "claims: `auth_time` is in the future",
        ),
        row(
            "cookie: without auth_time",
            world.cookie_draft().without_claim("auth_time").sign(),
            "claims: `auth_time` is missing",
        ),
        row(
            "cookie: without tenant",
            world.cookie_draft().without_claim("firebase.tenant").sign(),
            "claims: `firebase.tenant` is missing",
        ),
        row(
            "cookie: without user",
            world.cookie_draft().without_claim("sub").sign(),
            "claims: `sub` is missing",
        ),
        row(
            "cookie: two tenants",
            world
                .cookie_draft()
                .rewrite_claims(|text| text.replace("\"tenant\":", "\"tenant\":\"T-other\",\"tenant\":"))
                .sign(),
            "claims: `firebase` has the wrong shape",
        ),
    ]
}
