//! What the layer tells whoever verifies, however its router is put together, and how long it waits for the answer.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, http::Request, routing::any};
use tenancy_core::{
    Deployment, Error, HostPolicy, Principal, Resolver, Result, StaticMemberships,
    directory::StaticDirectory,
    http::{Authenticate, Credentials, TenantLayer},
};
use tower::ServiceExt;

/// Keeps the path that a proof would have to be bound to, and lets nobody in: at once, or never.
#[derive(Default)]
struct Paths {
    seen: Mutex<Vec<String>>,
    silent: bool,
}

#[async_trait::async_trait]
impl Authenticate for Paths {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal> {
        self.seen.lock().unwrap().push(credentials.path.to_owned());
        if self.silent {
            std::future::pending::<()>().await;
        }
        Err(Error::unauthenticated("nobody is let in"))
    }
}

fn layer(paths: &Arc<Paths>, timeout: Duration) -> TenantLayer {
    let resolver = Resolver::new(
        Arc::new(StaticDirectory::new([]).unwrap()),
        Arc::new(StaticMemberships::new([])),
        Deployment::Shared,
        HostPolicy::default(),
    );
    TenantLayer::new(Arc::clone(paths) as _, Arc::new(resolver), timeout)
}

async fn ask(router: Router, path: &str) -> u16 {
    let request = Request::get(path)
        .header("authorization", "Bearer x")
        .body(Body::empty())
        .unwrap();
    router.oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_proof_is_bound_to_the_whole_path() {
    let paths = Arc::new(Paths::default());
    let layer = layer(&paths, Duration::from_secs(30));
    let inner = || {
        Router::new()
            .route("/{id}", any(|| async {}))
            .layer(layer.clone())
    };
    let router = Router::new()
        .merge(inner())
        .nest("/a", inner())
        .nest("/b/c", Router::new().nest("/d", inner()))
        .nest_service("/service", inner());
    let asked = [
        "/x",
        "/a/x",
        "/b/c/d/x",
        "/service/x",
        "/a/%78",
        "/a/x%2Fy",
        "/a/x?y=/z",
    ];
    for path in asked {
        assert_eq!(ask(router.clone(), path).await, 401, "{path}");
    }
    let asked = asked.map(|path| path.split('?').next().unwrap().to_owned());
    assert_eq!(*paths.seen.lock().unwrap(), asked);
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let silent = Arc::new(Paths {
        silent: true,
        ..Paths::default()
    });
    let router = Router::new()
        .route("/", any(|| async {}))
        .layer(layer(&silent, Duration::from_millis(50)));
    let answer = tokio::time::timeout(Duration::from_secs(60), ask(router, "/")).await;
    assert_eq!(answer, Ok(503));
}
