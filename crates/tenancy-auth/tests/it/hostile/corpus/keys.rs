//! Tokens that try to choose how, or with what, they are checked.

use serde_json::{Value, json};
use tenancy_testkit::{Signing, TokenMint};

use super::{Row, row};
use crate::world::{PROJECT, World};

const ALG: &str = "header: `alg` is not RS256";
const ALG_TYPE: &str = "header: `alg` has the wrong shape";
const UNKNOWN: &str = "signature: no key of that `kid`";
const SIGNATURE: &str = "signature: not made with the key of that `kid`";

pub(in super::super) fn algorithms(world: &World) -> Vec<Row> {
    let signed = |signing: Signing| world.draft().signing(signing).sign();
    let lying = |signing: Signing| world.draft().signing(signing).header("alg", "RS256").sign();
    let named = |alg: Value| world.draft().header("alg", alg).sign();
    let (pem, der) = (world.mint.public_key_pem(), world.mint.public_key_der());
    let jwk = world.mint.jwk().to_string();
    vec![
        row("unsigned, as the emulator's", signed(Signing::Nothing), ALG),
        row(
            "alg `nOnE`",
            world
                .draft()
                .signing(Signing::Nothing)
                .header("alg", "nOnE")
                .sign(),
            ALG,
        ),
        row("unsigned, says RS256", lying(Signing::Nothing), SIGNATURE),
        row("alg empty", named("".into()), ALG),
        row("alg missing", world.draft().without_header("alg").sign(), ALG),
        row("alg null", named(Value::Null), ALG),
        row("alg in lower case", named("rs256".into()), ALG),
        row("alg with a space", named("RS256 ".into()), ALG),
        row("alg an array", named(json!(["RS256"])), ALG_TYPE),
        row("alg a number", named(256.into()), ALG_TYPE),
        row(
            "HMAC with the public key's PEM",
            signed(Signing::Hs256(pem.clone().into())),
            ALG,
        ),
        row(
            "HMAC with the public key's DER",
            signed(Signing::Hs256(der.clone())),
            ALG,
        ),
        row(
            "HMAC with the public key's JWK",
            signed(Signing::Hs256(jwk.into())),
            ALG,
        ),
        row("HMAC with nothing", signed(Signing::Hs256(Vec::new())), ALG),
        row(
            "HMAC that says RS256",
            lying(Signing::Hs256(pem.into())),
            SIGNATURE,
        ),
        row("RS384", signed(Signing::Rs384), ALG),
        row("RS512", signed(Signing::Rs512), ALG),
        row("PS256", signed(Signing::Ps256), ALG),
        row("ES256", signed(Signing::Es256), ALG),
        row("EdDSA", signed(Signing::EdDsa), ALG),
        row("RS384 that says RS256", lying(Signing::Rs384), SIGNATURE),
        row("PS256 that says RS256", lying(Signing::Ps256), SIGNATURE),
        row("ES256 that says RS256", lying(Signing::Es256), SIGNATURE),
    ]
}

pub(in super::super) fn kids(world: &World) -> Vec<Row> {
    let kid = |kid: Value| world.draft().header("kid", kid).sign();
    let mallory = TokenMint::with_new_key(PROJECT);
    let hers = mallory.token(&"T-free".parse().unwrap(), &"alice".parse().unwrap());
    let missing = "header: `kid` is missing";
    let long = "header: `kid` is longer than 128 bytes";
    vec![
        row("another's key", hers, UNKNOWN),
        row(
            "another's key under a known kid",
            world.draft().signed_by(&mallory).sign(),
            SIGNATURE,
        ),
        row("kid missing", world.draft().without_header("kid").sign(), missing),
        row("kid null", kid(Value::Null), missing),
        row("kid empty", kid("".into()), "header: `kid` is empty"),
        row("kid a number", kid(1.into()), "header: `kid` has the wrong shape"),
        row(
            "kid an array",
            kid(json!([world.mint.kid()])),
            "header: `kid` has the wrong shape",
        ),
        row("kid of 129 bytes", kid("k".repeat(129).into()), long),
        row("kid of 5 kB", kid("k".repeat(5000).into()), long),
        row("kid of 128 bytes", kid("k".repeat(128).into()), UNKNOWN),
        row("kid a path", kid("../../../../dev/null".into()), UNKNOWN),
        row("kid of JavaScript's", kid("__proto__".into()), UNKNOWN),
        row("kid with SQL", kid("' UNION SELECT 'secret' --".into()), UNKNOWN),
        row("kid an address", kid("http://169.254.169.254/".into()), UNKNOWN),
        row(
            "kid in capitals",
            kid(world.mint.kid().to_uppercase().into()),
            UNKNOWN,
        ),
        row(
            "kid with a null byte",
            kid(format!("{}\0", world.mint.kid()).into()),
            UNKNOWN,
        ),
    ]
}

pub(in super::super) fn headers(world: &World) -> Vec<Row> {
    let header = |name: &str, value: Value| world.draft().header(name, value).sign();
    let twice = |member: &'static str| {
        world
            .draft()
            .rewrite_header(move |text| text.replacen('{', member, 1))
            .sign()
    };
    let crit = "header: `crit` is present";
    let shape = "header: no JSON object of the expected shape";
    vec![
        row("crit unknown", header("crit", json!(["exp"])), crit),
        row(
            "crit that detaches the claims",
            world
                .draft()
                .header("crit", json!(["b64"]))
                .header("b64", false)
                .sign(),
            crit,
        ),
        row("crit empty", header("crit", json!([])), crit),
        row("crit null", header("crit", Value::Null), crit),
        row(
            "an access token",
            header("typ", "at+jwt".into()),
            "header: `typ` is not JWT",
        ),
        row(
            "a proof of possession",
            header("typ", "dpop+jwt".into()),
            "header: `typ` is not JWT",
        ),
        row(
            "typ a number",
            header("typ", 1.into()),
            "header: `typ` has the wrong shape",
        ),
        row("alg twice", twice("{\"alg\":\"none\","), shape),
        row("kid twice", twice("{\"kid\":\"other\","), shape),
        row("crit twice", twice("{\"crit\":[],\"crit\":[],"), shape),
    ]
}
