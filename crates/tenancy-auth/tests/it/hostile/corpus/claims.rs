//! Tokens that are signed by the right key and say the wrong thing.

use jiff::Timestamp;
use serde_json::{Value, json};
use tenancy_testkit::TokenMint;

use super::{Row, row};
use crate::world::World;

const ISS: &str = "claims: `iss` is another";
const AUD: &str = "claims: `aud` is another";
const SUB: &str = "claims: `sub` is not 1 to 128 bytes without control characters";
const TENANT: &str = "claims: `firebase.tenant` is no identity tenant";
const NO_TENANT: &str = "claims: `firebase.tenant` is missing";

/// One claim missing, null, and of wrong types.
macro_rules! ill_typed {
    ($world:expr, $name:literal, [$($value:tt),*]) => {
        vec![
            row(concat!($name, " missing"), $world.draft().without_claim($name).sign(), concat!("claims: `", $name, "` is missing")),
            row(concat!($name, " null"), $world.draft().claim($name, Value::Null).sign(), concat!("claims: `", $name, "` is missing")),
            $(row(
                concat!($name, " as ", stringify!($value)),
                $world.draft().claim($name, json!($value)).sign(),
                concat!("claims: `", $name, "` has the wrong shape"),
            ),)*
        ]
    };
}

pub(in super::super) fn issuers(world: &World) -> Vec<Row> {
    let iss = |iss: &str| world.draft().claim("iss", iss).sign();
    let aud = |aud: &str| world.draft().claim("aud", aud).sign();
    // Google signs every project's tokens with the same keys, as the mints of a process do
    let foreign =
        TokenMint::new("other-project").token(&"T-free".parse().unwrap(), &"alice".parse().unwrap());
    let cookie = iss("https://session.firebase.google.com/demo-trips");
    let mut rows = vec![
        row("a genuine token of another project", foreign, ISS),
        row("a session cookie", cookie, ISS),
        row(
            "a token of Google sign-in",
            iss("https://accounts.google.com"),
            ISS,
        ),
        row("a custom token", custom_token(world), ISS),
        row(
            "issuer of another project",
            iss("https://securetoken.google.com/demo-trips2"),
            ISS,
        ),
        row(
            "issuer with a slash",
            iss("https://securetoken.google.com/demo-trips/"),
            ISS,
        ),
        row(
            "issuer in capitals",
            iss("HTTPS://securetoken.google.com/demo-trips"),
            ISS,
        ),
        row(
            "issuer without TLS",
            iss("http://securetoken.google.com/demo-trips"),
            ISS,
        ),
        row(
            "issuer on a host that looks alike",
            iss("https://securetoken.google.com.example.com/demo-trips"),
            ISS,
        ),
        row("issuer empty", iss(""), ISS),
        row("audience another project", aud("other-project"), AUD),
        row("audience a prefix", aud("demo-trip"), AUD),
        row("audience with more", aud("demo-trips-2"), AUD),
        row("audience in capitals", aud("DEMO-TRIPS"), AUD),
        row("audience with a space", aud("demo-trips "), AUD),
        row("audience empty", aud(""), AUD),
    ];
    rows.extend(ill_typed!(
        world,
        "iss",
        [1, ["https://securetoken.google.com/demo-trips"], {}, true]
    ));
    rows.extend(ill_typed!(
        world,
        "aud",
        [1, ["demo-trips"], ["demo-trips", "other"], [], {}]
    ));
    rows
}

/// What a service account signs to let a user sign in: to be exchanged, not to be presented.
fn custom_token(world: &World) -> String {
    let account = "firebase-adminsdk@demo-trips.iam.gserviceaccount.com";
    let audience =
        "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit";
    let draft = world
        .draft()
        .claim("iss", account)
        .claim("sub", account)
        .claim("aud", audience);
    draft
        .claim("uid", "alice")
        .without_claim("firebase")
        .without_claim("auth_time")
        .sign()
}

pub(in super::super) fn texts(world: &World) -> Vec<Row> {
    let sub = |sub: &str| world.draft().claim("sub", sub).sign();
    let mut rows = vec![
        row("sub empty", sub(""), SUB),
        row("sub of 129 bytes", sub(&"a".repeat(129)), SUB),
        row("sub of 65 characters and 130 bytes", sub(&"é".repeat(65)), SUB),
        row("sub with a null byte", sub("alice\0"), SUB),
        row("sub with a line feed", sub("alice\nrole=owner"), SUB),
    ];
    rows.extend(ill_typed!(world, "sub", [7, ["alice"], {}, false]));
    rows
}

pub(in super::super) fn times(world: &World) -> Vec<Row> {
    let now = Timestamp::now().as_second();
    let claim = |name: &str, value: Value| world.draft().claim(name, value).sign();
    let text = |rewrite: &'static str| {
        world
            .draft()
            .rewrite_claims(move |text| text.replacen('{', rewrite, 1))
            .sign()
    };
    let long = "claims: `exp` is more than a day after `iat`";
    let mut rows = vec![
        row(
            "expired a minute ago",
            claim("exp", (now - 61).into()),
            "claims: `exp` is past",
        ),
        row("expired in 1970", claim("exp", 0.into()), "claims: `exp` is past"),
        row(
            "expires before 1970",
            claim("exp", (-1).into()),
            "claims: `exp` is past",
        ),
        row("expires in a year", claim("exp", (now + 31_536_000).into()), long),
        row(
            "expires in 30 billion years",
            claim("exp", 1_000_000_000_000_000_000_i64.into()),
            long,
        ),
        row(
            "expires in milliseconds",
            claim("exp", ((now + 600) * 1000).into()),
            long,
        ),
        row("issued in 1970", claim("iat", 0.into()), long),
        row(
            "issued tomorrow",
            claim("iat", (now + 86_400).into()),
            "claims: `iat` is in the future",
        ),
        row(
            "issued in two minutes",
            claim("iat", (now + 120).into()),
            "claims: `iat` is in the future",
        ),
        row(
            "issued in milliseconds",
            claim("iat", (now * 1000).into()),
            "claims: `iat` is in the future",
        ),
        row(
            "signed in tomorrow",
            claim("auth_time", (now + 86_400).into()),
            "claims: `auth_time` is in the future",
        ),
        row(
            "not before tomorrow",
            claim("nbf", (now + 86_400).into()),
            "claims: `nbf` is in the future",
        ),
        row(
            "nbf a text",
            claim("nbf", "0".into()),
            "claims: `nbf` has the wrong shape",
        ),
        row(
            "exp without end",
            text("{\"exp\":1e999,"),
            "claims: `exp` has the wrong shape",
        ),
    ];
    rows.extend(ill_typed!(
        world,
        "exp",
        [
            18446744073709551615_u64,
            4e9,
            "4000000000",
            [4000000000_i64],
            {},
            true
        ]
    ));
    rows.extend(ill_typed!(
        world,
        "iat",
        [18446744073709551615_u64, 1.6e9, "1600000000", []]
    ));
    rows.extend(ill_typed!(
        world,
        "auth_time",
        [18446744073709551615_u64, 1.6e9, "1600000000", []]
    ));
    rows
}

pub(in super::super) fn tenants(world: &World) -> Vec<Row> {
    let tenant = |tenant: &str| world.draft().claim("firebase.tenant", tenant).sign();
    let firebase = |value: Value| world.draft().claim("firebase", value).sign();
    let mut rows = vec![
        row(
            "firebase empty: a user of the project",
            firebase(json!({})),
            NO_TENANT,
        ),
        row(
            "firebase without tenant",
            firebase(json!({ "sign_in_provider": "password" })),
            NO_TENANT,
        ),
        row(
            "firebase an array by position",
            firebase(json!(["T-free"])),
            "claims: `firebase` has the wrong shape",
        ),
        row(
            "firebase a JSON text",
            firebase("{\"tenant\":\"T-free\"}".into()),
            "claims: `firebase` has the wrong shape",
        ),
        row(
            "tenant beside firebase",
            world
                .draft()
                .without_claim("firebase.tenant")
                .claim("tenant", "T-free")
                .sign(),
            NO_TENANT,
        ),
        row(
            "tenant with a dot in its name",
            world
                .draft()
                .without_claim("firebase")
                .rewrite_claims(|text| text.replacen('{', "{\"firebase.tenant\":\"T-free\",", 1))
                .sign(),
            "claims: `firebase` is missing",
        ),
        row("tenant empty", tenant(""), TENANT),
        row("tenant too short", tenant("T-a"), TENANT),
        row("tenant too long", tenant(&"T".repeat(129)), TENANT),
        row("tenant with a space", tenant("T-free "), TENANT),
        row("tenant with a slash", tenant("T-free/../T-pro"), TENANT),
        row("tenant with a null byte", tenant("T-free\0"), TENANT),
        row("tenant with a full-width letter", tenant("\u{ff34}-free"), TENANT),
        row(
            "tenant with an invisible character",
            tenant("T-free\u{200b}"),
            TENANT,
        ),
        row("tenant with a combining accent", tenant("T-fre\u{301}e"), TENANT),
    ];
    rows.extend(ill_typed!(world, "firebase", [1, "T-free", [], true]));
    rows.extend(ill_typed!(world, "firebase.tenant", [7, ["T-free"], {}]));
    rows
}

/// Two members of one name: which counts is a matter of taste, so neither does.
pub(in super::super) fn duplicates(world: &World) -> Vec<Row> {
    let also = |member: &'static str| {
        world
            .draft()
            .rewrite_claims(move |text| text.replacen('{', member, 1))
            .sign()
    };
    let shape = "claims: no JSON object of the expected shape";
    let inner = world
        .draft()
        .rewrite_claims(|text| text.replace("\"tenant\":", "\"tenant\":\"T-other\",\"tenant\":"))
        .sign();
    vec![
        row(
            "iss twice",
            also("{\"iss\":\"https://securetoken.google.com/demo-trips\","),
            shape,
        ),
        row("aud twice", also("{\"aud\":\"demo-trips\","), shape),
        row("sub twice", also("{\"sub\":\"bob\","), shape),
        row(
            "sub twice, once with an escape",
            also("{\"s\\u0075b\":\"bob\","),
            shape,
        ),
        row("exp twice", also("{\"exp\":4000000000,"), shape),
        row("iat twice", also("{\"iat\":1,"), shape),
        row("auth_time twice", also("{\"auth_time\":1,"), shape),
        row("nbf twice", also("{\"nbf\":1,\"nbf\":2,"), shape),
        row(
            "firebase twice",
            also("{\"firebase\":{\"tenant\":\"T-other\"},"),
            shape,
        ),
        row(
            "firebase.tenant twice",
            inner,
            "claims: `firebase` has the wrong shape",
        ),
    ]
}
