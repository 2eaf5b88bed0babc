//! The service in a shared cell, and members who call it.

use std::{collections::BTreeMap, path::PathBuf};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use itineraries::Queue;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tenancy::{JobSealer, ServiceSigner};
use tenancy_core::{Role, SecretRef, TenantContext, TenantRecord};
use tenancy_sql::{Databases, PoolOptions, migrate};
use tenancy_storage::ObjectStores;
use tenancy_testkit::{Database, Postgres, ServiceKey, context, tenant};
use tower::ServiceExt;

/// The service, its database and its objects.
pub(crate) struct Service {
    pub(crate) database: Database,
    router: Router,
    folder: TempDir,
    acme: TenantRecord,
    globex: TenantRecord,
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

pub(crate) async fn connect(url: &SecretString) -> PgConnection {
    let options: PgConnectOptions = url.expose_secret().parse().unwrap();
    PgConnection::connect_with(&options).await.unwrap()
}

async fn database() -> Database {
    let build = async |database: &Database| {
        let runtime = database.runtime_role.parse().unwrap();
        migrate(
            &mut connect(&database.owner_url).await,
            &itineraries::MIGRATOR,
            &runtime,
        )
        .await
        .unwrap();
    };
    let server = Postgres::shared().await.unwrap();
    let database = server.database_from("itineraries", build).await.unwrap();
    database.assert_demoted().await;
    database
}

/// A queue with a key of its own.
fn queue(folder: &TempDir) -> Queue {
    let secret = folder.path().join("key");
    std::fs::write(&secret, ServiceKey::ed25519().pem()).unwrap();
    let name = || "itineraries".parse().unwrap();
    let signer = ServiceSigner::new(name(), [SecretRef::File(secret)]).unwrap();
    Queue::new(JobSealer::new(signer, name())).unwrap()
}

impl Service {
    /// With a proof that the schema isolates tenants.
    pub(crate) async fn start() -> Self {
        let (database, folder) = (database().await, tempfile::tempdir().unwrap());
        let secret = folder.path().join("core");
        std::fs::write(&secret, database.runtime_url.expose_secret()).unwrap();
        let places = BTreeMap::from([("cell-free-1.core".parse().unwrap(), SecretRef::File(secret))]);
        let databases = Databases::new(places, PoolOptions::default());
        databases.verify().await.unwrap();
        std::fs::create_dir(folder.path().join("objects")).unwrap();
        let objects = ObjectStores::local(&folder.path().join("objects")).unwrap();
        let uploads = objects.handle("uploads".parse().unwrap());
        Self {
            database,
            router: itineraries::scoped(databases.handle("core".parse().unwrap()), uploads, queue(&folder)),
            folder,
            acme: tenant("acme", "free".parse().unwrap()),
            globex: tenant("globex", "free".parse().unwrap()),
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

    /// The objects that are stored, whoever they belong to.
    pub(crate) fn objects(&self) -> Vec<PathBuf> {
        let (mut folders, mut files) = (vec![self.folder.path().join("objects")], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    files.push(path)
                }
            }
        }
        files
    }

    /// A statement as the superuser, who sees every tenant's rows.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        let mut superuser = connect(&self.database.superuser_url).await;
        sqlx::query(statement).execute(&mut superuser).await.unwrap();
    }

    /// A number, with the superuser's eyes.
    pub(crate) async fn number(&self, query: &'static str) -> i64 {
        let mut superuser = connect(&self.database.superuser_url).await;
        sqlx::query_scalar(query).fetch_one(&mut superuser).await.unwrap()
    }
}

impl Caller<'_> {
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let router = self.service.router.clone().layer(Extension(self.ctx.clone()));
        let response = router.oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], ()).await
    }

    pub(crate) async fn json(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send(method, path, &headers, body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::DELETE, path, headers, ()).await
    }

    /// Creates an itinerary and gives its path.
    pub(crate) async fn create(&self, body: Value) -> String {
        let answer = self.json(Method::POST, "/itineraries", &[], &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.header(header::LOCATION).to_owned()
    }

    pub(crate) async fn upload(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        content: &'static [u8],
    ) -> Answer {
        let headers = [&[("content-type", "image/png")], headers].concat();
        self.send(Method::PUT, path, &headers, content).await
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

    pub(crate) fn etag(&self) -> String {
        self.header(header::ETAG).to_owned()
    }

    /// The status, and the fields that a problem names.
    pub(crate) fn problem(&self) -> (u16, Vec<String>) {
        assert_eq!(
            self.header(header::CONTENT_TYPE),
            "application/problem+json",
            "{self:?}"
        );
        let fields = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let fields = fields
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned());
        (self.status.as_u16(), fields.collect())
    }
}
