//! What is stolen, forged or bent does not get in, and every refusal reads the same.

use axum::http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};
use tenancy_core::{RequestId, TenantRecord};
use tenancy_testkit::ServiceKey;

use super::platform::{Head, LOST, Platform};

fn set(head: &mut Head, name: &'static str, value: &str) {
    head.headers
        .insert(HeaderName::from_static(name), value.parse().unwrap());
}

/// What `trips` sent to `social` in alice's name, and never arrived there: nobody has used it.
pub(super) async fn stolen(platform: &Platform) -> Head {
    let call = platform.client.post(format!("{}/trips/likes", platform.trips));
    let alice = platform.token(&platform.acme, "alice");
    let answer = call.bearer_auth(alice).header(LOST, "1").send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["status"], 502);
    platform.wire.lock().unwrap().last().unwrap().clone()
}

/// What `stats` signs with its own, valid key.
fn signed(platform: &Platform, tenant: &TenantRecord, change: impl FnOnce(&mut Value)) -> Head {
    let now = jiff::Timestamp::now().as_second();
    let mut claims = json!({
        "iss": "stats", "aud": "social", "tenant": tenant.id, "iat": now, "exp": now + 60, "jti": RequestId::new(),
        "htm": "POST", "htp": "/comments",
    });
    change(&mut claims);
    let token = platform
        .stats
        .sign(&platform.stats.header("tenancy-service+jwt"), &claims);
    let mut head = Head {
        method: Method::POST,
        path: "/comments".to_owned(),
        headers: HeaderMap::new(),
    };
    set(&mut head, "authorization", &format!("Bearer {token}"));
    head
}

#[derive(Default)]
struct Refused {
    bodies: std::collections::BTreeMap<u16, Value>,
}

impl Refused {
    /// Refused with this status, and with the one body of it.
    fn check(&mut self, what: &str, (status, body): (u16, Value), expect: u16) {
        assert_eq!(status, expect, "{what}: {body}");
        let one = self.bodies.entry(status).or_insert_with(|| body.clone());
        assert_eq!(body, *one, "{what}");
    }
}

#[tokio::test]
async fn a_call_that_was_stolen_is_no_use() {
    type Bend = fn(&Platform, &mut Head);
    const ROWS: &[(&str, Bend)] = &[
        ("to another path", |_, h| h.path = "/comments".to_owned()),
        ("with another method", |_, h| h.method = Method::DELETE),
        ("with a query and another path", |_, h| {
            h.path = "/comments?x=/likes".to_owned()
        }),
        ("for another user", |p, h| {
            set(h, "x-actor-token", &p.token(&p.globex, "bob"))
        }),
        ("for nobody", |_, h| drop(h.headers.remove("x-actor-token"))),
        ("the actor token alone", |_, h| {
            drop(h.headers.remove("authorization"))
        }),
        ("the actor token twice", |p, h| {
            h.headers
                .append("x-actor-token", p.token(&p.globex, "bob").parse().unwrap());
        }),
        ("the proof in the actor's place", |_, h| {
            let proof = h.headers["authorization"].to_str().unwrap()[7..].to_owned();
            let user = h.headers["x-actor-token"].clone();
            set(h, "x-actor-token", &proof);
            set(h, "authorization", &format!("Bearer {}", user.to_str().unwrap()));
        }),
    ];
    let platform = Platform::start(ServiceKey::es256).await;
    let mut refused = Refused::default();
    for (what, bend) in ROWS {
        let mut head = stolen(&platform).await;
        bend(&platform, &mut head);
        refused.check(what, platform.send(&head).await, 401);
    }
    // as it is, it is taken once: that much a wire that is not encrypted gives away
    let head = stolen(&platform).await;
    let (status, who) = platform.send(&head).await;
    assert_eq!(
        (status, &who["actor"], &who["via"]),
        (200, &json!("alice"), &json!("trips"))
    );
    refused.check("sent again", platform.send(&head).await, 401);
    let mut head = stolen(&platform).await;
    set(&mut head, "x-tenant-id", "globex");
    refused.check("for another tenant by a header", platform.send(&head).await, 404);
}

#[tokio::test]
async fn a_valid_key_reaches_what_it_is_for() {
    for key in [ServiceKey::es256, ServiceKey::ed25519] {
        let platform = Platform::start(key).await;
        let (acme, globex) = (&platform.acme, &platform.globex);
        let mut refused = Refused::default();
        let (status, who) = platform.send(&signed(&platform, globex, |_| {})).await;
        assert_eq!(
            (status, &who["actor"], &who["tenant"]),
            (200, &json!("service:stats"), &json!("globex"))
        );
        let tries = [
            ("another tenant", signed(&platform, acme, |_| {}), 401),
            (
                "another audience",
                signed(&platform, globex, |c| c["aud"] = "trips".into()),
                401,
            ),
            (
                "another name",
                signed(&platform, acme, |c| c["iss"] = "trips".into()),
                401,
            ),
            (
                "the receiver's name",
                signed(&platform, globex, |c| c["iss"] = "social".into()),
                401,
            ),
            (
                "for a day",
                signed(&platform, globex, |c| {
                    c["exp"] = json!(c["iat"].as_i64().unwrap() + 86_400)
                }),
                401,
            ),
            (
                "expired",
                signed(&platform, globex, |c| {
                    c["iat"] = json!(c["iat"].as_i64().unwrap() - 120);
                    c["exp"] = json!(c["iat"].as_i64().unwrap() + 60);
                }),
                401,
            ),
        ];
        for (what, head, expect) in tries {
            refused.check(what, platform.send(&head).await, expect);
        }
        // with users: a real token of another tenant's, and one of a user who is no member
        for (what, tenant, subject) in [
            ("another tenant's user", acme, "alice"),
            ("no member", globex, "carol"),
        ] {
            let token = platform.token(tenant, subject);
            let mut head = signed(&platform, globex, |c| c["ath"] = ath(&token).into());
            set(&mut head, "x-actor-token", &token);
            refused.check(what, platform.send(&head).await, 404);
        }
        // a header that names another tenant than the proof
        let mut head = signed(&platform, globex, |_| {});
        set(&mut head, "x-tenant-id", &acme.id.to_string());
        refused.check("another tenant by a header", platform.send(&head).await, 404);
    }
}

#[tokio::test]
async fn plain_headers_say_nothing() {
    let platform = Platform::start(ServiceKey::es256).await;
    let mut refused = Refused::default();
    let bob = platform.token(&platform.globex, "bob");
    let mut head = Head {
        method: Method::POST,
        path: "/comments".to_owned(),
        headers: HeaderMap::new(),
    };
    for (name, value) in [
        ("x-tenant-id", "acme"),
        ("x-user-id", "alice"),
        ("x-forwarded-user", "alice"),
        ("x-service-name", "trips"),
    ] {
        set(&mut head, name, value);
    }
    refused.check("no token", platform.send(&head).await, 401);
    set(&mut head, "x-actor-token", &bob);
    refused.check("an actor token alone", platform.send(&head).await, 401);
    set(&mut head, "authorization", &format!("Bearer {bob}"));
    refused.check("a user with an actor token", platform.send(&head).await, 401);
    head.headers.remove("x-actor-token");
    refused.check(
        "a user, and another tenant's name",
        platform.send(&head).await,
        404,
    );
    head.headers.remove("x-tenant-id");
    let (status, who) = platform.send(&head).await;
    assert_eq!(
        (status, &who["actor"], &who["tenant"]),
        (200, &json!("bob"), &json!("globex"))
    );
}

/// SHA-256 in base64url, as RFC 9449 section 4.2 has it.
fn ath(token: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use sha2::{Digest, Sha256};
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}
