//! What the layer of outgoing calls puts on a request, and what it refuses to send.

use std::{convert::Infallible, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, Request, Response};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::Value;
use tenancy_auth::{Authenticator, OutgoingError, OutgoingLayer, ServiceSigner, TraceParent};
use tenancy_core::{
    Hints, Kind, RequestId, TenantContext,
    http::{Authenticate, Credentials, Means},
};
use tenancy_testkit::ServiceKey;
use tower::{Layer, Service, service_fn};

use super::{
    parties::{Call, Draft, Parties, ath, name, seen},
    rotation::secret,
};

/// Alice of acme, by her own token.
pub(crate) fn call(parties: &Parties) -> Call {
    Call {
        bearer: parties.token(&parties.acme, "alice"),
        actor: None,
        method: "GET".to_owned(),
        path: "/".to_owned(),
    }
}

/// The head of a request as the other side gets it.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    method: http::Method,
    path: String,
    pub(crate) headers: HeaderMap,
}

impl Head {
    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn bearer(&self) -> &str {
        self.text("authorization")
            .unwrap()
            .strip_prefix("Bearer ")
            .unwrap()
    }

    fn segment(&self, at: usize) -> Value {
        let segment = self.bearer().split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
    }

    pub(crate) fn kid(&self) -> String {
        self.segment(0)["kid"].as_str().unwrap().to_owned()
    }

    pub(crate) fn as_call(&self) -> Call {
        Call {
            bearer: self.bearer().to_owned(),
            actor: self.text("x-actor-token").map(str::to_owned),
            method: self.method.to_string(),
            path: self.path.clone(),
        }
    }

    pub(crate) async fn taken_by(&self, authenticator: &Authenticator) -> bool {
        let credentials = Credentials {
            means: Means::Header,
            bearer: self.bearer(),
            actor: self.text("x-actor-token"),
            method: &self.method,
            path: &self.path,
        };
        authenticator.authenticate(credentials).await.is_ok()
    }
}

/// Sends a request through the layer; gives what arrives.
async fn through(layer: &OutgoingLayer, request: Request<()>) -> Result<Head, OutgoingError<Infallible>> {
    let arrived = Arc::new(Mutex::new(None));
    let other_side = {
        let arrived = Arc::clone(&arrived);
        service_fn(move |request: Request<()>| {
            let (parts, ()) = request.into_parts();
            *arrived.lock() = Some(Head {
                method: parts.method,
                path: parts.uri.path().to_owned(),
                headers: parts.headers,
            });
            async { Ok::<_, Infallible>(Response::new(())) }
        })
    };
    layer.layer(other_side).call(request).await?;
    Ok(arrived.lock().take().unwrap())
}

fn request(context: Option<&TenantContext>) -> Request<()> {
    let request = Request::post("http://social.internal:8080/comments?draft=1");
    let mut request = request.body(()).unwrap();
    if let Some(context) = context {
        request.extensions_mut().insert(context.clone());
    }
    request
}

/// What arrives when trips calls social in alice's name.
pub(crate) async fn sent(signer: &ServiceSigner, parties: &Parties) -> Head {
    let alice = parties.context(&call(parties)).await.unwrap();
    let layer = OutgoingLayer::new(signer.clone(), name("social"));
    through(&layer, request(Some(&alice))).await.unwrap()
}

fn trips(parties: &Parties) -> (ServiceSigner, tempfile::NamedTempFile) {
    let (secret, file) = secret(&parties.trips);
    (ServiceSigner::new(name("trips"), [secret]).unwrap(), file)
}

#[tokio::test]
async fn a_call_in_a_user_s_name_arrives_as_that_user_s() {
    for key in [ServiceKey::es256, ServiceKey::ed25519] {
        let parties = Parties::new(key).await;
        let (signer, _file) = trips(&parties);
        let head = sent(&signer, &parties).await;
        let (claims, token) = (head.segment(1), head.text("x-actor-token").unwrap().to_owned());
        assert_eq!(head.segment(0)["typ"], "tenancy-service+jwt");
        assert_eq!(
            [&claims["iss"], &claims["aud"], &claims["htm"], &claims["htp"]],
            ["trips", "social", "POST", "/comments"]
        );
        assert_eq!(claims["tenant"], parties.acme.id.to_string());
        assert_eq!(claims["ath"], ath(&token));
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
            60
        );
        assert!(head.headers["authorization"].is_sensitive() && head.headers["x-actor-token"].is_sensitive());
        let outcome = seen(parties.context(&head.as_call()).await);
        assert_eq!(outcome.as_deref(), Ok("alice via trips of acme"));
    }
}

#[tokio::test]
async fn who_was_called_in_a_user_s_name_calls_on_in_it() {
    let parties = Parties::new(ServiceKey::es256).await;
    let (signer, _file) = trips(&parties);
    let first = sent(&signer, &parties).await;
    let via = parties.context(&first.as_call()).await.unwrap();
    let layer = OutgoingLayer::new(signer, name("social"));
    let second = through(&layer, request(Some(&via))).await.unwrap();
    assert_eq!(second.text("x-actor-token"), first.text("x-actor-token"));
    let outcome = seen(parties.context(&second.as_call()).await);
    assert_eq!(outcome.as_deref(), Ok("alice via trips of acme"));
}

#[tokio::test]
async fn what_came_in_is_not_sent_on() {
    let parties = Parties::new(ServiceKey::es256).await;
    let (signer, _file) = trips(&parties);
    let alice = parties.context(&call(&parties)).await.unwrap();
    let mut request = request(Some(&alice));
    for header in [
        "authorization",
        "x-tenant-id",
        "x-actor-token",
        "x-request-id",
        "traceparent",
        "tracestate",
        "cookie",
        "proxy-authorization",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
    ] {
        request
            .headers_mut()
            .append(http::HeaderName::from_static(header), "evil".parse().unwrap());
        request
            .headers_mut()
            .append(http::HeaderName::from_static(header), "twice".parse().unwrap());
    }
    request
        .headers_mut()
        .insert("accept", "application/json".parse().unwrap());
    let layer = OutgoingLayer::new(signer, name("social"));
    let head = through(&layer, request).await.unwrap();
    assert!(
        head.headers
            .values()
            .all(|value| value != "evil" && value != "twice"),
        "{head:?}"
    );
    assert!(!head.headers.contains_key("x-tenant-id") && !head.headers.contains_key("tracestate"));
    assert_eq!(head.text("accept"), Some("application/json"));
    assert_eq!(head.text("x-request-id"), Some(&*alice.request_id().to_string()));
    let trace = head.text("traceparent").unwrap();
    let request_id = alice.request_id().as_uuid().simple().to_string();
    assert!(
        trace.starts_with(&format!("00-{request_id}-")) && trace.ends_with("-00"),
        "{trace}"
    );
}

#[tokio::test]
async fn the_tracer_s_word_is_taken_when_it_is_one() {
    let parties = Parties::new(ServiceKey::es256).await;
    let (signer, _file) = trips(&parties);
    let alice = parties.context(&call(&parties)).await.unwrap();
    let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (says, taken) in [(Some(good), true), (Some("evil\r\nx: y"), false), (None, false)] {
        let trace = TraceParent::new(move || says.map(str::to_owned));
        let layer = OutgoingLayer::new(signer.clone(), name("social")).with_trace(trace);
        let head = through(&layer, request(Some(&alice))).await.unwrap();
        assert_eq!(head.text("traceparent") == Some(good), taken, "{says:?}");
    }
}

/// The kind of the refusal, and what the log says.
fn refusal(outcome: Result<Head, OutgoingError<Infallible>>) -> (Kind, String) {
    match outcome {
        Err(OutgoingError::Refused(error)) => (error.kind(), error.log().unwrap_or_default().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_is_sent_in_nobody_s_name() {
    let parties = Parties::new(ServiceKey::es256).await;
    let (signer, _file) = trips(&parties);
    let layer = OutgoingLayer::new(signer.clone(), name("social"));
    let (kind, log) = refusal(through(&layer, request(None)).await);
    assert!(
        kind == Kind::Internal && log.contains("needs the `TenantContext`"),
        "{log}"
    );

    // a user whose token was not kept
    let bare = Authenticator::new(parties.users.clone());
    let token = parties.token(&parties.acme, "alice");
    let credentials = Credentials {
        means: Means::Header,
        bearer: &token,
        actor: None,
        method: &http::Method::GET,
        path: "/",
    };
    let principal = bare.authenticate(credentials).await.unwrap();
    let context = parties
        .resolver
        .resolve(&principal, &Hints::default(), RequestId::new(), None)
        .await
        .unwrap();
    let (kind, log) = refusal(through(&layer, request(Some(&context))).await);
    assert!(
        kind == Kind::Unauthenticated && log.contains("was not kept"),
        "{log}"
    );

    // another service in its own name: its permissions are not this one's
    let other = Draft::of(&parties, "pinned", &parties.pinned, &parties.globex).sign();
    let context = parties.context(&other).await.unwrap();
    let (kind, log) = refusal(through(&layer, request(Some(&context))).await);
    assert!(
        kind == Kind::Internal && log.contains("another service asked"),
        "{log}"
    );
    let lent = layer.clone().in_own_name();
    let head = through(&lent, request(Some(&context))).await.unwrap();
    let outcome = seen(parties.context(&head.as_call()).await);
    assert_eq!(outcome.as_deref(), Ok("service:trips of globex"));
}

#[tokio::test]
async fn a_service_in_its_own_name_sends_no_user() {
    let parties = Parties::new(ServiceKey::ed25519).await;
    let (signer, _file) = trips(&parties);
    let own = signer.own_service(Default::default()).within(parties.acme.id);
    let context = parties
        .resolver
        .resolve(&own, &Hints::default(), RequestId::new(), None)
        .await
        .unwrap();
    let layer = OutgoingLayer::new(signer, name("social"));
    let head = through(&layer, request(Some(&context))).await.unwrap();
    assert!(head.text("x-actor-token").is_none() && head.segment(1).get("ath").is_none());
    let outcome = seen(parties.context(&head.as_call()).await);
    assert_eq!(outcome.as_deref(), Ok("service:trips of acme"));
}

#[tokio::test]
async fn an_operator_is_not_handed_on() {
    let parties = Parties::new(ServiceKey::es256).await;
    let (signer, _file) = trips(&parties);
    let exp = Timestamp::now().as_second() + 60;
    let claims = serde_json::json!({
        "iss": "control", "aud": "social", "sub": "eve@platform", "tenant": parties.acme.id, "access": "write",
        "reason": "ticket 4711: a trip is lost", "iat": exp - 60, "exp": exp, "jti": RequestId::new(),
    });
    let mut eve = call(&parties);
    eve.bearer = parties
        .control
        .sign(&parties.control.header("tenancy-operator+jwt"), &claims);
    let context = parties.context(&eve).await.unwrap();
    let layer = OutgoingLayer::new(signer, name("social")).in_own_name();
    let (kind, log) = refusal(through(&layer, request(Some(&context))).await);
    assert!(
        kind == Kind::Unauthenticated && log.contains("is not handed on"),
        "{log}"
    );
}

#[tokio::test]
async fn a_context_shows_nothing_of_the_user_s_token() {
    let parties = Parties::new(ServiceKey::es256).await;
    let call = call(&parties);
    let context = parties.context(&call).await.unwrap();
    let credentials = Credentials {
        means: Means::Header,
        bearer: &call.bearer,
        actor: None,
        method: &http::Method::GET,
        path: "/",
    };
    let principal = parties.authenticator.authenticate(credentials).await.unwrap();
    let shown = format!("{context:?} {principal:?} {:?}", context.actor());
    assert!(!shown.contains("eyJ"), "{shown}");
}
