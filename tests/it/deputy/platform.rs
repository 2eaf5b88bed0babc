//! `trips` takes users' requests and calls `social` in their names; `stats` has a key for `globex` only.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tenancy_auth::{
    Authenticator, IdTokenVerifier, KeySource, LocalReplayGuard, OutgoingLayer, ServiceKeys, ServiceSigner,
    ServiceTenants, ServiceVerifier, TrustedService,
};
use tenancy_core::{
    Actor, Deployment, Error, HostPolicy, PermissionNames, ReplayGuard, Resolver, Role, SecretRef,
    ServiceName, StaticMember, StaticMemberships, TenantContext, TenantRecord, Tier, UserId,
    directory::StaticDirectory,
    http::{Authenticate, TenantLayer},
};
use tenancy_testkit::{KeyServer, ServiceKey, TokenMint, tenant};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};

/// A header that makes a call get lost on its way to `social`.
pub(crate) const LOST: &str = "x-lost";

/// The head of a request, as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

pub(crate) struct Platform {
    pub(crate) mint: TokenMint,
    pub(crate) acme: TenantRecord,
    pub(crate) globex: TenantRecord,
    /// Speaks for `globex` only.
    pub(crate) stats: ServiceKey,
    pub(crate) trips: String,
    pub(crate) social: String,
    /// Another replica of `social`.
    pub(crate) twin: String,
    pub(crate) client: Client,
    /// What arrived at `social`.
    pub(crate) wire: Arc<Mutex<Vec<Head>>>,
    _keys: KeyServer,
    _secret: NamedTempFile,
}

fn name(text: &str) -> ServiceName {
    text.parse().unwrap()
}

impl Platform {
    pub(crate) async fn start(key: fn() -> ServiceKey) -> Self {
        let guards = [(); 2].map(|()| Arc::new(LocalReplayGuard::default()) as _);
        Self::replicated(key, guards).await
    }

    /// The same, where each of two replicas of `social` has this guard.
    pub(crate) async fn replicated(key: fn() -> ServiceKey, guards: [Arc<dyn ReplayGuard>; 2]) -> Self {
        let mint = TokenMint::new("demo-trips");
        let keys = KeyServer::start(&mint).await.unwrap();
        let (acme, globex) = (tenant("acme", Tier::Standard), tenant("globex", Tier::Standard));
        let users = IdTokenVerifier::new(
            "demo-trips".parse().unwrap(),
            KeySource::at(keys.url().parse().unwrap()),
        );
        let resolver = Arc::new(resolver([&acme, &globex]));
        let (signing, stats) = (key(), key());
        let secret = NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), signing.pem()).unwrap();
        let signer = ServiceSigner::new(name("trips"), [SecretRef::File(secret.path().to_owned())]).unwrap();

        // each has to know the other's address before it serves
        let (trips, social, twin) = (listen().await, listen().await, listen().await);
        let (trips_at, social_at, twin_at) = (address(&trips), address(&social), address(&twin));
        let trusted = [
            trusted_service(
                "trips",
                ServiceKeys::at(format!("{trips_at}/.well-known/jwks.json").parse().unwrap()),
                ServiceTenants::All,
            ),
            trusted_service(
                "stats",
                ServiceKeys::fixed(&stats.jwks()).unwrap(),
                ServiceTenants::Only([globex.id].into()),
            ),
        ];
        let wire = Arc::new(Mutex::new(Vec::new()));
        for (replica, guard) in [social, twin].into_iter().zip(guards) {
            let services = ServiceVerifier::new(name("social"), trusted.clone(), guard).unwrap();
            let users = Authenticator::new(users.clone()).with_services(services);
            serve(
                replica,
                social_app(users, Arc::clone(&resolver), Arc::clone(&wire)),
            );
        }
        let own = Authenticator::new(users).keeping_user_tokens();
        serve(trips, trips_app(own, resolver, signer, social_at.clone()));
        Self {
            mint,
            acme,
            globex,
            stats,
            trips: trips_at,
            social: social_at,
            twin: twin_at,
            client: client(),
            wire,
            _keys: keys,
            _secret: secret,
        }
    }

    pub(crate) fn token(&self, tenant: &TenantRecord, subject: &str) -> String {
        self.mint
            .token(&tenant.identity_tenant, &subject.parse().unwrap())
    }

    /// Sends a head to `social`.
    pub(crate) async fn send(&self, head: &Head) -> (u16, Value) {
        self.send_to(&self.social, head).await
    }

    /// Sends a head to one of its replicas.
    pub(crate) async fn send_to(&self, replica: &str, head: &Head) -> (u16, Value) {
        let url = format!("{replica}{}", head.path);
        let request = self.client.request(head.method.clone(), url);
        let response = request.headers(head.headers.clone()).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}

fn trusted_service(issuer: &str, keys: ServiceKeys, tenants: ServiceTenants) -> TrustedService {
    TrustedService {
        issuer: name(issuer),
        keys,
        tenants,
        audiences: [name("social")].into(),
        permissions: PermissionNames::default(),
    }
}

fn resolver(tenants: [&TenantRecord; 2]) -> Resolver {
    let members = tenants
        .iter()
        .zip(["alice", "bob"])
        .map(|(tenant, subject)| StaticMember {
            tenant: tenant.id,
            pool: tenant.identity_tenant.clone(),
            subject: subject.parse().unwrap(),
            user: UserId::new(),
            role: Role::Member.into(),
        });
    let hosts = HostPolicy::new("app.example.com", ["127.0.0.1".to_owned()]);
    Resolver::new(
        Arc::new(StaticDirectory::new(tenants.map(Clone::clone)).unwrap()),
        Arc::new(StaticMemberships::new(members)),
        Deployment::Shared,
        hosts,
    )
}

async fn listen() -> TcpListener {
    TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap()
}

fn address(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

/// Ends with the test's runtime.
fn serve(listener: TcpListener, app: Router) {
    tokio::spawn(async move { axum::serve(listener, app).await });
}

fn client() -> Client {
    let client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    client.timeout(Duration::from_secs(10)).build().unwrap()
}

fn layer(authenticate: impl Authenticate, resolver: Arc<Resolver>) -> TenantLayer {
    TenantLayer::new(Arc::new(authenticate), resolver, Duration::from_secs(10))
}

fn social_app(users: Authenticator, resolver: Arc<Resolver>, wire: Arc<Mutex<Vec<Head>>>) -> Router {
    let comments = get(who).post(who).delete(who);
    Router::new()
        .route("/comments", comments)
        .route("/likes", post(who))
        .layer(layer(users, resolver))
        .layer(middleware::from_fn_with_state(wire, tap))
}

/// Who asks, for which tenant: what `social` believes.
async fn who(context: TenantContext) -> Json<Value> {
    let (actor, via) = match context.actor() {
        Actor::User { subject, via, .. } => (subject.to_string(), via.as_ref().map(ToString::to_string)),
        other => (other.to_string(), None),
    };
    let request = context.request_id();
    Json(json!({ "tenant": context.slug(), "actor": actor, "via": via, "request": request }))
}

/// Sees every head; what is marked as lost never arrives.
async fn tap(State(wire): State<Arc<Mutex<Vec<Head>>>>, request: Request, next: Next) -> Response {
    let mut headers = request.headers().clone();
    let lost = headers.remove(LOST).is_some();
    wire.lock().unwrap().push(Head {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        headers,
    });
    if lost {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    next.run(request).await
}

#[derive(Clone)]
struct Trips {
    outgoing: OutgoingLayer,
    social: String,
    client: Client,
}

fn trips_app(users: Authenticator, resolver: Arc<Resolver>, signer: ServiceSigner, social: String) -> Router {
    let state = Trips {
        outgoing: OutgoingLayer::new(signer.clone(), name("social")),
        social,
        client: client(),
    };
    Router::new()
        .route("/trips/{*path}", post(forward))
        .layer(layer(users, resolver))
        .with_state(state)
        .route("/.well-known/jwks.json", signer.published())
}

/// A careless handler: hands the whole request on, with every header that came.
async fn forward(
    context: TenantContext,
    State(trips): State<Trips>,
    Path(path): Path<String>,
    request: Request,
) -> Result<Json<Value>, Error> {
    let (mut parts, _) = request.into_parts();
    parts.uri = format!("{}/{path}", trips.social).parse().unwrap();
    parts.headers.remove("host");
    parts.headers.remove("content-length");
    parts.extensions.insert(context);
    let client = trips.client.clone();
    let send = service_fn(move |request: Request<Body>| {
        let (parts, _) = request.into_parts();
        let request = axum::http::Request::from_parts(parts, reqwest::Body::default());
        let client = client.clone();
        async move { client.execute(request.try_into()?).await }
    });
    let calling = trips.outgoing.layer(send);
    let response = calling.oneshot(Request::from_parts(parts, Body::empty())).await?;
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap_or_default();
    Ok(Json(json!({ "status": status, "answer": answer })))
}
