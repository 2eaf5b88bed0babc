//! The layer asks the limits, in order, and says what they said.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, http::Request, response::Response, routing::get};
use tenancy_auth::{IdTokenVerifier, KeySource};
use tenancy_core::{
    Deployment, Entry, Error, HostPolicy, Limits, Place, Rate, Resolver, Role, StaticMember,
    StaticMemberships, TenantContext, Tier, UserId, Verdict,
    directory::StaticDirectory,
    http::{ClientAddress, TenantLayer},
};
use tenancy_testkit::{KeyServer, TokenMint, tenant};
use tower::ServiceExt;

/// What one of the limits says.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    Yes,
    No,
    Later,
}

/// Says what it is told to, and keeps what it was asked; a place says when it is given back.
#[derive(Clone)]
struct Script {
    address: Says,
    request: Says,
    enter: Says,
    asked: Arc<Mutex<Vec<&'static str>>>,
}

struct Held(Arc<Mutex<Vec<&'static str>>>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.lock().unwrap().push("given back");
    }
}

impl Script {
    fn verdict(&self, policy: &'static str, says: Says) -> Verdict {
        self.asked.lock().unwrap().push(policy);
        let rate = Rate {
            policy,
            limit: 100,
            window: Duration::from_secs(60),
            remaining: 7,
            reset: Duration::from_millis(1_500),
        };
        match says {
            Says::No => Verdict::Limited {
                rate,
                retry_after: Duration::from_secs(9),
            },
            Says::Yes | Says::Later => Verdict::Allowed(Some(rate)),
        }
    }
}

impl Limits for Script {
    fn address(&self, _: IpAddr) -> Verdict {
        self.verdict("address", self.address)
    }

    fn request(&self, _: &TenantContext) -> Verdict {
        self.verdict("tenant", self.request)
    }

    fn enter(&self, _: &TenantContext) -> Entry {
        self.asked.lock().unwrap().push("place");
        let place = Place::holding(Held(Arc::clone(&self.asked)));
        match self.enter {
            Says::Yes => Entry::Now(place),
            Says::Later => Entry::Later(Box::pin(async { Ok(place) })),
            Says::No => Entry::Refused(Error::rate_limited(Duration::from_secs(3))),
        }
    }
}

/// Asks a route behind the layer, with a token that is good or none.
async fn ask(script: &Script, good: bool) -> Response {
    let record = tenant("acme", Tier::Standard);
    let (mint, subject) = (TokenMint::new("demo-trips"), "alice".parse().unwrap());
    let keys = KeyServer::start(&mint).await.unwrap();
    let token = mint.token(&record.identity_tenant, &subject);
    let verifier = IdTokenVerifier::new(
        "demo-trips".parse().unwrap(),
        KeySource::at(keys.url().parse().unwrap()),
    );
    let members = StaticMemberships::new([StaticMember {
        tenant: record.id,
        pool: record.identity_tenant.clone(),
        subject,
        user: UserId::new(),
        role: Role::Member.into(),
    }]);
    let directory = Arc::new(StaticDirectory::new([record]).unwrap());
    let resolver = Resolver::new(
        directory,
        Arc::new(members),
        Deployment::Shared,
        HostPolicy::new("app.example.com", []),
    );
    let layer = TenantLayer::new(Arc::new(verifier), Arc::new(resolver), Duration::from_secs(30));
    let asked = Arc::clone(&script.asked);
    let handler = async move || {
        asked.lock().unwrap().push("handler");
        "it"
    };
    let router = Router::new()
        .route("/", get(handler))
        .layer(layer.with_limits(Arc::new(script.clone())));
    let token = if good { token } else { "none".to_owned() };
    let request = Request::get("/")
        .header("host", "app.example.com")
        .header("authorization", format!("Bearer {token}"));
    let request = request
        .extension(ClientAddress([192, 0, 2, 1].into()))
        .body(Body::empty())
        .unwrap();
    router.oneshot(request).await.unwrap()
}

/// What happens to a request, in order, and what it is answered: status, `Retry-After`, `RateLimit`.
async fn check(says: [Says; 3], good: bool, expect: &[&str], answer: (u16, Option<&str>, Option<&str>)) {
    let [address, request, enter] = says;
    let script = Script {
        address,
        request,
        enter,
        asked: Arc::default(),
    };
    let response = ask(&script, good).await;
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(
        (
            response.status().as_u16(),
            header("retry-after"),
            header("ratelimit")
        ),
        answer
    );
    assert_eq!(header("ratelimit-policy").is_some(), answer.2.is_some());
    // a place is held for as long as there is something to send
    assert!(!script.asked.lock().unwrap().contains(&"given back"));
    drop(axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap());
    assert_eq!(*script.asked.lock().unwrap(), expect);
}

#[tokio::test]
async fn limits_are_asked_in_order_and_the_first_refusal_ends_it() {
    use Says::{Later, No, Yes};
    let (tenant, address) = (Some("\"tenant\";r=7;t=2"), Some("\"address\";r=7;t=2"));
    let all = ["address", "tenant", "place", "handler", "given back"];
    check([Yes, Yes, Yes], true, &all, (200, None, tenant)).await;
    check([Yes, Yes, Later], true, &all, (200, None, tenant)).await;
    check([No, Yes, Yes], true, &all[..1], (429, Some("9"), address)).await;
    // an address is counted before its token is looked at
    check([No, Yes, Yes], false, &all[..1], (429, Some("9"), address)).await;
    check([Yes, Yes, Yes], false, &all[..1], (401, None, None)).await;
    check([Yes, No, Yes], true, &all[..2], (429, Some("9"), tenant)).await;
}

#[tokio::test]
async fn a_full_queue_refuses_with_a_time_to_come_again() {
    let script = Script {
        address: Says::Yes,
        request: Says::Yes,
        enter: Says::No,
        asked: Arc::default(),
    };
    let response = ask(&script, true).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"3".parse().unwrap())
    );
    assert_eq!(
        *script.asked.lock().unwrap(),
        ["address", "tenant", "place", "given back"]
    );
}
