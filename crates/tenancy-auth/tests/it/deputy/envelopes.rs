//! Envelopes that were sealed by somebody else, for something else, or for another time.

use serde_json::{Value, json};
use tenancy_auth::OpenError;
use tenancy_core::RequestId;
use tenancy_testkit::ServiceKey;

use super::parties::{JOB, Parties, ath, now, without};

const PAYLOAD: &[u8] = b"{\"to\":\"alice\"}";

/// An envelope that is not sealed yet, and what lies beside it.
struct Draft<'a> {
    header: Value,
    claims: Value,
    key: &'a ServiceKey,
    kind: &'static str,
    payload: Vec<u8>,
}

type Spoil = for<'a> fn(&'a Parties, &mut Draft<'a>);

const ROWS: &[(&str, Spoil, Result<(), &str>)] = &[
    ("nothing", |_, _| {}, Ok(())),
    (
        "another payload",
        |_, d| d.payload = b"{\"to\":\"bob\"}".to_vec(),
        Err("claims: `payload` is another"),
    ),
    (
        "one byte more",
        |_, d| d.payload.push(b' '),
        Err("claims: `payload` is another"),
    ),
    (
        "no payload",
        |_, d| d.payload.clear(),
        Err("claims: `payload` is another"),
    ),
    (
        "another kind",
        |_, d| d.kind = "erase",
        Err("claims: `kind` is another"),
    ),
    (
        "another queue",
        |_, d| d.claims["aud"] = "other".into(),
        Err("claims: `aud` is another"),
    ),
    (
        "another tenant, and its own user",
        |p, d| {
            d.claims["tenant"] = json!(p.globex.id);
            without(&mut d.claims, "user");
        },
        Ok(()),
    ),
    (
        "a pinned service, for another tenant",
        |p, d| {
            d.claims["iss"] = "pinned".into();
            sign_as(&p.pinned, d);
        },
        Err("claims: `tenant` is none that the service may speak for"),
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
        "a key of nobody",
        |p, d| d.key = &p.nobody,
        Err("signature: not made with the key of that `kid`"),
    ),
    (
        "expired",
        |_, d| {
            d.claims["iat"] = json!(now() - 7200);
            d.claims["exp"] = json!(now() - 60);
        },
        Err("expired"),
    ),
    (
        "not yet",
        |_, d| d.claims["iat"] = json!(now() + 60),
        Err("claims: `iat` is in the future"),
    ),
    (
        "for a day",
        |_, d| {
            d.claims["iat"] = json!(now());
            d.claims["exp"] = json!(now() + 86_400);
        },
        Ok(()),
    ),
    (
        "for longer than a day",
        |_, d| {
            d.claims["iat"] = json!(now());
            d.claims["exp"] = json!(now() + 86_401);
        },
        Err("claims: `exp` is too long after `iat`, or before it"),
    ),
    (
        "dated back, with a token that has ended",
        |p, d| {
            user(p, d, -7200);
            d.claims["iat"] = json!(now() - 86_400 - 60);
            d.claims["exp"] = json!(now() + 60);
        },
        Err("claims: `exp` is too long after `iat`, or before it"),
    ),
    // the user, as of the time of queueing
    (
        "queued an hour and a half ago, with a token that held then",
        |p, d| {
            user(p, d, -5400);
            d.claims["iat"] = json!(now() - 5400);
        },
        Ok(()),
    ),
    (
        "queued now, with a token that has ended",
        |p, d| user(p, d, -5400),
        Err("claims: `exp` is past"),
    ),
    (
        "queued before the token was made",
        |p, d| {
            user(p, d, 0);
            d.claims["iat"] = json!(now() - 5400);
        },
        Err("claims: `iat` is in the future"),
    ),
    (
        "a user's token of nobody's making",
        |p, d| {
            d.claims["user"] = p
                .mint
                .draft(&p.acme.identity_tenant, &"alice".parse().unwrap())
                .signed_by(&tenancy_testkit::TokenMint::with_new_key("demo-trips"))
                .sign()
                .into()
        },
        Err("signature: not made with the key of that `kid`"),
    ),
    (
        "a user by name",
        |_, d| d.claims["user"] = "alice".into(),
        Err("token: not three segments"),
    ),
    (
        "an empty user",
        |_, d| d.claims["user"] = "".into(),
        Err("token: not three segments"),
    ),
    (
        "a user's token that is too long",
        |_, d| d.claims["user"] = "x".repeat(8193).into(),
        Err("token: longer than 8192 bytes"),
    ),
    // the form
    (
        "a claim that is not known",
        |_, d| d.claims["placement"] = json!({ "sql": "evil" }),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "the type of a call",
        |_, d| d.header["typ"] = "tenancy-service+jwt".into(),
        Err("header: `typ` is another"),
    ),
    (
        "the type of a grant",
        |_, d| d.header["typ"] = "tenancy-operator+jwt".into(),
        Err("header: `typ` is another"),
    ),
    (
        "no algorithm",
        |_, d| d.header["alg"] = "none".into(),
        Err("header: `alg` is neither ES256 nor EdDSA"),
    ),
    (
        "`crit`",
        |_, d| d.header["crit"] = json!(["exp"]),
        Err("header: no JSON object of the expected shape"),
    ),
    (
        "a kind that is none",
        |_, d| d.claims["kind"] = "Mail!".into(),
        Err("claims: `kind` has the wrong shape"),
    ),
    (
        "a payload that is no hash",
        |_, d| d.claims["payload"] = json!(7),
        Err("claims: `payload` has the wrong shape"),
    ),
];

fn sign_as<'a>(key: &'a ServiceKey, draft: &mut Draft<'a>) {
    draft.key = key;
    draft.header = key.header(JOB);
}

/// Alice's token, made so many seconds from now, for an hour.
fn user(parties: &Parties, draft: &mut Draft<'_>, made: i64) {
    let alice = parties
        .mint
        .draft(&parties.acme.identity_tenant, &"alice".parse().unwrap());
    let made = now() + made;
    let alice = alice.claim("iat", made).claim("auth_time", made);
    draft.claims["user"] = alice.claim("exp", made + 3600).sign().into();
}

fn draft(parties: &Parties) -> Draft<'_> {
    let mut draft = Draft {
        header: parties.trips.header(JOB),
        claims: json!({
            "iss": "trips", "aud": "social", "tenant": parties.acme.id, "iat": now(), "exp": now() + 3600,
            "jti": RequestId::new(), "kind": "mail", "payload": ath(std::str::from_utf8(PAYLOAD).unwrap()),
            "epoch": 0, "request": RequestId::new(),
        }),
        key: &parties.trips,
        kind: "mail",
        payload: PAYLOAD.to_vec(),
    };
    user(parties, &mut draft, 0);
    draft
}

#[tokio::test]
async fn an_envelope_opens_for_its_job_only() {
    for key in [ServiceKey::es256, ServiceKey::ed25519] {
        let parties = Parties::new(key).await;
        for (what, spoil, expect) in ROWS {
            let mut draft = draft(&parties);
            spoil(&parties, &mut draft);
            let envelope = draft.key.sign(&draft.header, &draft.claims);
            let outcome = match parties.open(&envelope, draft.kind, &draft.payload).await {
                Ok(_) => Ok(()),
                Err(OpenError::Expired) => Err("expired".to_owned()),
                Err(OpenError::Forged(why)) => Err(why),
                Err(error) => panic!("{what}: {error:?}"),
            };
            assert_eq!(
                outcome.as_ref().map_err(String::as_str),
                expect.as_ref().map_err(|e| *e),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn an_envelope_shows_nothing_and_has_an_end() {
    let parties = Parties::new(ServiceKey::es256).await;
    let draft = draft(&parties);
    let text = draft.key.sign(&draft.header, &draft.claims);
    let envelope: tenancy_auth::TenantEnvelope = text.parse().unwrap();
    assert_eq!(format!("{envelope:?}"), "TenantEnvelope(…)");
    let json = serde_json::to_string(&envelope).unwrap();
    assert_eq!(json, format!("\"{text}\""));
    let again: tenancy_auth::TenantEnvelope = serde_json::from_str(&json).unwrap();
    assert_eq!(again.expose(), text);
    assert!(
        "x".repeat(16_385)
            .parse::<tenancy_auth::TenantEnvelope>()
            .is_err()
    );
    let opened = parties.open(&text, "mail", PAYLOAD).await;
    let shown = format!("{:?}", opened.unwrap());
    assert!(!shown.contains("eyJ"), "{shown}");
}
