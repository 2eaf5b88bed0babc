//! Hinted tenants as extractors.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{Request, request::Parts};
use tower::{Layer, Service};

use super::{ClientAddress, bearer};
use crate::{Error, HintedTenant, Limits, Resolver, Result, Verdict};

/// For routes that need no token: handlers may take a [`HintedTenant`], or an `Option` of it.
///
/// Nothing is looked up until one does. Such routes are open to everybody: with [`with_limits`](Self::with_limits) an address gets
/// no more look-ups here than requests elsewhere.
#[derive(Clone)]
pub struct HintLayer {
    asks: Asks,
}

impl HintLayer {
    /// A layer that asks `resolver`.
    #[must_use]
    pub fn new(resolver: Arc<Resolver>) -> Self {
        let limits = None;
        Self {
            asks: Asks { resolver, limits },
        }
    }

    /// Counts each look-up against the rate of the client's [`ClientAddress`]: 429 when it is used up.
    #[must_use]
    pub fn with_limits(mut self, limits: Arc<dyn Limits>) -> Self {
        self.asks.limits = Some(limits);
        self
    }
}

impl<S> Layer<S> for HintLayer {
    type Service = HintService<S>;

    fn layer(&self, inner: S) -> HintService<S> {
        HintService {
            inner,
            asks: self.asks.clone(),
        }
    }
}

/// Whom an extractor asks.
#[derive(Clone)]
struct Asks {
    resolver: Arc<Resolver>,
    limits: Option<Arc<dyn Limits>>,
}

/// See [`HintLayer`].
#[derive(Clone)]
pub struct HintService<S> {
    inner: S,
    asks: Asks,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for HintService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        bearer::conceal(request.headers_mut());
        request.extensions_mut().insert(self.asks.clone());
        self.inner.call(request)
    }
}

async fn hint(parts: &Parts) -> Result<Option<HintedTenant>> {
    let asks = parts.extensions.get::<Asks>();
    let asks =
        asks.ok_or_else(|| Error::internal("the route has no hint layer: add `.layer(tenancy.hints())`"))?;
    let address = ClientAddress::of(&parts.extensions);
    if let (Some(limits), Some(ClientAddress(address))) = (&asks.limits, address)
        && let Verdict::Limited { retry_after, .. } = limits.address(address)
    {
        return Err(Error::rate_limited(retry_after));
    }
    asks.resolver.hint(&bearer::host_hints(parts)).await
}

/// 404 when the host names no tenant.
impl<S: Send + Sync> FromRequestParts<S> for HintedTenant {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let hinted = hint(parts).await?;
        hinted.ok_or_else(|| Error::not_found("the host names no tenant"))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for HintedTenant {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>> {
        hint(parts).await
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, routing::get};
    use http::StatusCode;
    use tower::ServiceExt;

    use super::*;
    use crate::{
        Deployment, HintRule, HintRules, HostPolicy, Placement, StaticMemberships, TenantId, TenantRecord,
        TenantStatus, Tier, directory::StaticDirectory,
    };

    fn tenant(slug: &str, status: TenantStatus) -> TenantRecord {
        TenantRecord {
            id: TenantId::new(),
            slug: slug.parse().unwrap(),
            name: slug.to_owned(),
            tier: Tier::Standard,
            status,
            identity_tenant: format!("{slug}-x1y2z").parse().unwrap(),
            custom_host: Some(format!("trips.{slug}.example")),
            plan: None,
            placement: Placement {
                epoch: crate::Epoch(0),
                sql: Default::default(),
                objects: Default::default(),
                documents: Default::default(),
                graph: Default::default(),
            },
        }
    }

    fn app(pin: Option<&str>) -> Router {
        let tenants = [
            tenant("acme", TenantStatus::Active),
            tenant("moved", TenantStatus::Moving),
            tenant("late", TenantStatus::Suspended),
            tenant("soon", TenantStatus::Provisioning),
            tenant("gone", TenantStatus::Deleting),
        ];
        let id = |slug: &str| tenants.iter().find(|t| t.slug.as_str() == slug).unwrap().id;
        let deployment = pin.map_or(Deployment::Shared, |slug| Deployment::Pinned(id(slug)));
        let resolver = Resolver::new(
            Arc::new(StaticDirectory::new(tenants.clone()).unwrap()),
            Arc::new(StaticMemberships::new([])),
            deployment,
            HostPolicy::new("app.example.com", []),
        );
        let sure = |hint: HintedTenant| async move { format!("{} {}", hint.slug(), hint.identity_tenant()) };
        let maybe = |hint: Option<HintedTenant>| async move { hint.is_some().to_string() };
        Router::new()
            .route("/sure", get(sure))
            .route("/maybe", get(maybe))
            .layer(HintLayer::new(Arc::new(resolver)))
            .route("/bare", get(|_: HintedTenant| async {}))
    }

    async fn ask(pin: Option<&str>, path: &str, host: &str) -> (StatusCode, String) {
        let request = Request::get(path)
            .header("host", host)
            .body(Body::empty())
            .unwrap();
        let answer = app(pin).oneshot(request).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_host_hints_at_its_tenant() {
        for host in [
            "acme.app.example.com",
            "ACME.app.example.com:443",
            "Trips.Acme.example.",
        ] {
            assert_eq!(
                ask(None, "/sure", host).await,
                (StatusCode::OK, "acme acme-x1y2z".to_owned())
            );
        }
        assert_eq!(ask(None, "/maybe", "moved.app.example.com").await.1, "true");
        assert_eq!(
            ask(Some("acme"), "/maybe", "acme.app.example.com").await.1,
            "true"
        );
    }

    #[tokio::test]
    async fn who_has_no_tenant_to_show_reads_like_one_that_never_was() {
        let nobody = ask(None, "/sure", "nobody.app.example.com").await;
        assert_eq!(nobody.0, StatusCode::NOT_FOUND);
        for host in [
            "late.app.example.com",
            "soon.app.example.com",
            "gone.app.example.com",
            "trips.late.example",
            "app.example.com",
            "acme.evil.example",
            "a.acme.app.example.com",
            "acme.app.example.com@evil.example",
            "",
        ] {
            assert_eq!(ask(None, "/sure", host).await, nobody, "{host}");
            assert_eq!(ask(None, "/maybe", host).await.1, "false", "{host}");
        }
        assert_eq!(ask(Some("moved"), "/sure", "acme.app.example.com").await, nobody);
    }

    #[tokio::test]
    async fn a_resolver_asks_what_its_rules_ask() {
        let acme = tenant("acme", TenantStatus::Active);
        let resolver = |rules| {
            let directory = Arc::new(StaticDirectory::new([acme.clone()]).unwrap());
            let hosts = HostPolicy::new("app.example.com", []);
            let members = Arc::new(StaticMemberships::new([]));
            Resolver::new(directory, members, Deployment::Shared, hosts).with_rules(rules)
        };
        let pool = acme.identity_tenant.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "a test swears that its own token was verified"
        )]
        let identity = crate::trust::token_verified("ada".parse().unwrap(), pool, jiff::Timestamp::now());
        let [ignore, require] = [HintRule::Ignore, HintRule::Require];
        for (host, header, says) in [
            (HintRule::Agree, HintRule::Agree, "Host names another tenant"),
            (ignore, HintRule::Agree, "no member"),
            (ignore, require, "Header has to name the tenant"),
        ] {
            let path = HintRule::Agree;
            let resolver = resolver(HintRules { host, header, path }).ok().unwrap();
            let hints = crate::Hints::of_request().host("globex.app.example.com");
            let (principal, request) = (identity.clone().into(), crate::RequestId::new());
            let refusal = resolver
                .resolve(&principal, &hints, request, None)
                .await
                .unwrap_err();
            assert!(refusal.log().unwrap().contains(says), "{refusal:?}");
        }
        let (host, header, path) = (ignore, ignore, ignore);
        assert!(resolver(HintRules { host, header, path }).is_err());
    }

    /// A directory that answers with somebody else.
    struct MixedUp;

    #[async_trait::async_trait]
    impl crate::Directory for MixedUp {
        async fn lookup(&self, _: &crate::TenantKey) -> Result<Option<Arc<TenantRecord>>> {
            Ok(Some(Arc::new(tenant("globex", TenantStatus::Active))))
        }
    }

    #[tokio::test]
    async fn an_answer_about_another_tenant_is_none() {
        let resolver = Resolver::new(
            Arc::new(MixedUp),
            Arc::new(StaticMemberships::new([])),
            Deployment::Shared,
            HostPolicy::new("app.example.com", []),
        );
        for host in ["acme.app.example.com", "trips.acme.example"] {
            let hints = crate::Hints::default().host(host);
            assert_eq!(resolver.hint(&hints).await.unwrap(), None);
        }
        let hints = crate::Hints::default().host("globex.app.example.com");
        assert!(resolver.hint(&hints).await.unwrap().is_some());
    }

    /// Lets nobody in but the first address.
    struct First;

    impl Limits for First {
        fn address(&self, peer: std::net::IpAddr) -> Verdict {
            let retry_after = std::time::Duration::from_secs(9);
            let rate = crate::Rate {
                policy: "address",
                limit: 1,
                window: retry_after,
                remaining: 0,
                reset: retry_after,
            };
            match peer == std::net::IpAddr::from([192, 0, 2, 1]) {
                true => Verdict::Allowed(None),
                false => Verdict::Limited { rate, retry_after },
            }
        }

        fn request(&self, _: &crate::TenantContext) -> Verdict {
            Verdict::Allowed(None)
        }

        fn enter(&self, _: &crate::TenantContext) -> crate::Entry {
            crate::Entry::Now(crate::Place::FREE)
        }
    }

    #[tokio::test]
    async fn look_ups_are_limited_by_address() {
        let resolver = Resolver::new(
            Arc::new(StaticDirectory::new([tenant("acme", TenantStatus::Active)]).unwrap()),
            Arc::new(StaticMemberships::new([])),
            Deployment::Shared,
            HostPolicy::new("app.example.com", []),
        );
        let layer = HintLayer::new(Arc::new(resolver)).with_limits(Arc::new(First));
        let router = Router::new()
            .route("/", get(|_: HintedTenant| async {}))
            .route("/none", get(|| async {}))
            .layer(layer);
        for (path, address, status) in [
            ("/", Some([192, 0, 2, 1]), 200),
            ("/", Some([192, 0, 2, 2]), 429),
            ("/", None, 200),
            ("/none", Some([192, 0, 2, 2]), 200),
        ] {
            let mut request = Request::get(path)
                .header("host", "acme.app.example.com")
                .body(Body::empty())
                .unwrap();
            if let Some(address) = address {
                request.extensions_mut().insert(ClientAddress(address.into()));
            }
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status, "{path} {address:?}");
            assert_eq!(answer.headers().contains_key("retry-after"), status == 429);
        }
    }

    #[tokio::test]
    async fn a_route_without_the_layer_says_so_in_the_log_alone() {
        let (status, body) = ask(None, "/bare", "acme.app.example.com").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body.contains("layer"), "{body}");
    }
}
