//! Nothing that is sent makes a verifier panic, or lets anybody in.

use proptest::prelude::*;
use tenancy_testkit::ServiceKey;

use super::parties::{Call, Draft, JOB, OPERATOR, Parties, SERVICE, now};

/// A good call's text with some of its bytes changed, left out or doubled; or any text; or any claims under a good signature.
fn texts() -> impl Strategy<Value = Spoilt> {
    let typ = prop_oneof![Just(SERVICE), Just(JOB), Just(OPERATOR), Just("JWT")];
    prop_oneof![
        any::<String>().prop_map(Spoilt::Text),
        "[A-Za-z0-9_=.-]{0,300}".prop_map(Spoilt::Text),
        (any::<prop::sample::Index>(), any::<char>()).prop_map(|(at, with)| Spoilt::Changed(at, with)),
        (typ, json()).prop_map(|(typ, claims)| Spoilt::Signed(typ, claims)),
    ]
}

#[derive(Clone, Debug)]
enum Spoilt {
    Text(String),
    Changed(prop::sample::Index, char),
    Signed(&'static str, serde_json::Value),
}

/// Objects with the names of claims and any values.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let names = prop::sample::select(vec![
        "iss", "aud", "sub", "tenant", "iat", "exp", "jti", "htm", "htp", "ath", "kind", "payload", "user",
        "epoch", "request", "trace", "reason", "access", "x",
    ]);
    let value = prop_oneof![
        Just(serde_json::Value::Null),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        Just(serde_json::json!([[{}]])),
        Just("trips".into()),
        Just("social".into()),
        Just(now().into()),
    ];
    prop::collection::btree_map(names, value, 0..12)
        .prop_map(|members| members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

#[test]
fn nothing_arbitrary_gets_in() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let parties = runtime.block_on(Parties::new(ServiceKey::ed25519));
    let good = Draft::call(&parties).sign();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(2000));
    let outcome = runner.run(&texts(), |spoilt| {
        let text = match spoilt {
            Spoilt::Text(text) => text,
            Spoilt::Signed(typ, claims) => parties.trips.sign(&parties.trips.header(typ), &claims),
            Spoilt::Changed(at, with) => {
                let mut chars: Vec<char> = good.bearer.chars().collect();
                let at = at.index(chars.len());
                if chars[at] == with {
                    return Ok(());
                }
                chars[at] = with;
                chars.into_iter().collect()
            }
        };
        let alone = Call {
            bearer: text.clone(),
            ..good.clone()
        };
        let beside = Call {
            actor: Some(text.clone()),
            ..good.clone()
        };
        runtime.block_on(async {
            prop_assert!(parties.context(&alone).await.is_err(), "{text}");
            prop_assert!(parties.context(&beside).await.is_err(), "{text}");
            if text.len() < 16_384 {
                prop_assert!(parties.open(&text, "mail", b"").await.is_err(), "{text}");
            }
            Ok(())
        })
    });
    outcome.unwrap();
}
