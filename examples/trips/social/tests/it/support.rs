//! The service with the databases of two tenants, and members who call it.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use social::{Client, Itineraries};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tenancy::OutgoingError;
use tenancy_core::{Location, Role, SecretRef, TenantContext, TenantRecord};
use tenancy_sql::{Databases, PoolOptions, migrate};
use tenancy_testkit::{Database, Postgres, context, tenant};
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};

/// The service and the tenants it serves: two that have it, one that has not.
pub(crate) struct Service {
    /// What the service `itineraries` answers about any itinerary; 0 is nothing at all.
    pub(crate) seen: Arc<AtomicU16>,
    router: Router,
    acme: TenantRecord,
    globex: TenantRecord,
    initech: TenantRecord,
    _secrets: TempDir,
    pub(crate) database: Database,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A member of a tenant, who calls the service.
pub(crate) struct Caller<'s> {
    service: &'s Service,
    pub(crate) ctx: TenantContext,
}

async fn connect(url: &SecretString) -> PgConnection {
    let options: PgConnectOptions = url.expose_secret().parse().unwrap();
    PgConnection::connect_with(&options).await.unwrap()
}

async fn database() -> Database {
    let build = async |database: &Database| {
        let runtime = database.runtime_role.parse().unwrap();
        migrate(
            &mut connect(&database.owner_url).await,
            &social::MIGRATOR,
            &runtime,
        )
        .await
        .unwrap();
    };
    let server = Postgres::shared().await.unwrap();
    let database = server.database_from("social", build).await.unwrap();
    database.assert_demoted().await;
    database
}

/// Both tenants' locations lead to one database, so that nothing but the fence is between them.
fn databases(database: &Database, secrets: &Path) -> Databases {
    let file = secrets.join("social");
    std::fs::write(&file, database.runtime_url.expose_secret()).unwrap();
    let place = |location: &str| {
        (
            location.parse::<Location>().unwrap(),
            SecretRef::File(file.clone()),
        )
    };
    let places = BTreeMap::from([place("acme-postgres-2"), place("globex-postgres-2")]);
    Databases::new(places, PoolOptions::default())
}

/// A stand-in for the other service, which sees the context as an extension of each request.
fn itineraries(seen: Arc<AtomicU16>) -> Client {
    BoxCloneSyncService::new(service_fn(move |request: Request<()>| {
        let seen = Arc::clone(&seen);
        async move {
            assert_eq!(request.method(), Method::HEAD);
            assert!(request.uri().path().starts_with("/itineraries/"));
            assert!(request.extensions().get::<TenantContext>().is_some());
            match seen.load(Ordering::SeqCst) {
                0 => Err(OutgoingError::Client("nobody answers".into())),
                status => Ok(StatusCode::from_u16(status).unwrap()),
            }
        }
    }))
}

impl Service {
    /// With a proof that the schema isolates tenants.
    pub(crate) async fn start() -> Self {
        let (database, secrets) = (database().await, tempfile::tempdir().unwrap());
        let databases = databases(&database, secrets.path());
        databases.verify().await.unwrap();
        let seen = Arc::new(AtomicU16::new(200));
        let itineraries = Itineraries::at("http://itineraries", itineraries(Arc::clone(&seen)));
        Self {
            seen,
            router: social::scoped(databases.handle("social".parse().unwrap()), itineraries),
            acme: tenant("acme", "standard".parse().unwrap()),
            globex: tenant("globex", "enterprise".parse().unwrap()),
            initech: tenant("initech", "free".parse().unwrap()),
            _secrets: secrets,
            database,
        }
    }

    /// Another member of one tenant.
    pub(crate) async fn acme(&self, role: Role) -> Caller<'_> {
        Caller {
            service: self,
            ctx: context(&self.acme, role).await,
        }
    }

    /// Another member of the other tenant.
    pub(crate) async fn globex(&self, role: Role) -> Caller<'_> {
        Caller {
            service: self,
            ctx: context(&self.globex, role).await,
        }
    }

    /// The owner of a tenant whose plan lacks the feature.
    pub(crate) async fn initech(&self) -> Caller<'_> {
        Caller {
            service: self,
            ctx: context(&self.initech, Role::Owner).await,
        }
    }
}

impl Caller<'_> {
    pub(crate) async fn send(&self, method: Method, path: &str, media_type: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, media_type);
        let router = self.service.router.clone().layer(Extension(self.ctx.clone()));
        let response = router
            .oneshot(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// A request without a body.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Answer {
        self.send(method, path, "", String::new()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).await
    }

    pub(crate) async fn say(&self, path: &str, text: &str) -> Answer {
        self.send(
            Method::POST,
            path,
            "application/json",
            json!({ "text": text }).to_string(),
        )
        .await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(&name)
            .unwrap_or_else(|| panic!("no {name}: {self:?}"))
            .to_str()
            .unwrap()
    }

    /// The status and the first field that a problem names.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header(header::CONTENT_TYPE),
            "application/problem+json",
            "{self:?}"
        );
        let field = self.json()["errors"][0]["field"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (self.status.as_u16(), field)
    }
}
