//! Five kinds of token, and every place where one can be given: each is taken in one place.

use serde_json::json;
use tenancy_auth::{KeySource, SessionCookieVerifier};
use tenancy_core::{RequestId, TenantId};
use tenancy_testkit::{KeyServer, ServiceKey};

use super::parties::{Call, Draft, JOB, OPERATOR, Parties, ath, now};
use crate::world::PROJECT;

const KINDS: [&str; 5] = [
    "id token",
    "session cookie",
    "service token",
    "job envelope",
    "grant",
];

/// A good one of each kind, as far as each verifier can tell.
fn good(parties: &Parties, kind: &str) -> String {
    let (pool, alice) = (&parties.acme.identity_tenant, "alice".parse().unwrap());
    let own = |typ: &str| {
        let mut draft = Draft::of(parties, "trips", &parties.trips, &parties.acme);
        draft.header["typ"] = typ.into();
        draft
    };
    match kind {
        "id token" => parties.mint.token(pool, &alice),
        "session cookie" => parties.mint.session_cookie(pool, &alice),
        "service token" => own("tenancy-service+jwt").sign().bearer,
        "job envelope" => {
            let mut draft = own(JOB);
            draft.claims = job(parties.acme.id);
            draft.sign().bearer
        }
        _ => grant(parties),
    }
}

fn job(tenant: TenantId) -> serde_json::Value {
    json!({
        "iss": "trips", "aud": "social", "tenant": tenant, "iat": now(), "exp": now() + 60, "jti": RequestId::new(),
        "kind": "mail", "payload": ath("payload"), "epoch": 0, "request": RequestId::new(),
    })
}

fn grant(parties: &Parties) -> String {
    let claims = json!({
        "iss": "control", "aud": "social", "tenant": parties.acme.id, "iat": now(), "exp": now() + 60,
        "jti": RequestId::new(), "sub": "eve@platform", "reason": "ticket 4711: a trip is lost", "access": "read",
    });
    parties.control.sign(&parties.control.header(OPERATOR), &claims)
}

async fn taken(parties: &Parties, place: &str, token: &str, cookies: &SessionCookieVerifier) -> bool {
    let call = |bearer: &str, actor: Option<&str>| Call {
        bearer: bearer.to_owned(),
        actor: actor.map(str::to_owned),
        method: "POST".to_owned(),
        path: "/comments".to_owned(),
    };
    match place {
        "bearer" => parties.context(&call(token, None)).await.is_ok(),
        "actor of a service" => {
            let mut draft = Draft::call(parties);
            draft.claims["ath"] = ath(token).into();
            draft.actor = Some(token.to_owned());
            parties.context(&draft.sign()).await.is_ok()
        }
        "actor of a user" => {
            let user = parties.token(&parties.acme, "alice");
            parties.context(&call(&user, Some(token))).await.is_ok()
        }
        "actor of an operator" => parties.context(&call(&grant(parties), Some(token))).await.is_ok(),
        "queue" => parties.open(token, "mail", b"payload").await.is_ok(),
        "user of a job" => {
            let mut draft = Draft::of(parties, "trips", &parties.trips, &parties.acme);
            draft.header["typ"] = JOB.into();
            draft.claims = job(parties.acme.id);
            draft.claims["user"] = token.into();
            let envelope = draft.sign().bearer;
            parties.open(&envelope, "mail", b"payload").await.is_ok()
        }
        "id tokens" => parties.users.verify(token).await.is_ok(),
        _ => cookies.verify(token).await.is_ok(),
    }
}

/// Which kind is taken where: `+` in the order of the kinds.
const GOLDEN: [(&str, &str); 8] = [
    ("bearer", "+-+-+"),
    ("actor of a service", "+----"),
    ("actor of a user", "-----"),
    ("actor of an operator", "-----"),
    ("queue", "---+-"),
    ("user of a job", "+----"),
    ("id tokens", "+----"),
    ("session cookies", "-+---"),
];

#[tokio::test]
async fn each_kind_is_taken_in_its_place_only() {
    for key in [ServiceKey::es256, ServiceKey::ed25519] {
        let parties = Parties::new(key).await;
        // the worst case: cookies and ID tokens are signed by one key
        let server = KeyServer::start(&parties.mint).await.unwrap();
        let source = KeySource::at(server.url().parse().unwrap());
        let cookies = SessionCookieVerifier::new(PROJECT.parse().unwrap(), source);
        for (place, expect) in GOLDEN {
            let mut seen = String::new();
            for kind in KINDS {
                let token = good(&parties, kind);
                let taken = taken(&parties, place, &token, &cookies).await;
                seen.push(if taken { '+' } else { '-' });
            }
            assert_eq!(seen, expect, "{place}: {KINDS:?}");
        }
    }
}
