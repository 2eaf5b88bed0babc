//! Connections beyond loopback are encrypted and verified.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use tenancy_core::{Location, SecretRef};
use tenancy_sql::{Databases, PoolOptions};
use tenancy_testkit::Postgres;

#[tokio::test]
async fn tls_is_verified_beyond_loopback() {
    let server = Postgres::shared().await.unwrap();
    let database = server
        .create_database("tls_beyond", "tls_beyond_owner", "tls_beyond_runtime")
        .await
        .unwrap();
    let secrets = tempfile::tempdir().unwrap();
    let at: Location = "tenant-0-postgres-1".parse().unwrap();
    // the server has no certificate, and this address is no loopback's
    let beyond = database
        .runtime_url
        .expose_secret()
        .replace("127.0.0.1", "0.0.0.0");
    let base = beyond.split_once('?').map_or(beyond.as_str(), |(base, _)| base);
    for (url, expect) in [
        (base.to_owned(), false),
        (format!("{base}?sslmode=disable"), true),
    ] {
        let file = secrets.path().join("beyond");
        std::fs::write(&file, &url).unwrap();
        let databases = Databases::new(
            BTreeMap::from([(at.clone(), SecretRef::File(file))]),
            PoolOptions::default(),
        );
        assert_eq!(
            databases.warm(&at, 1).await.is_ok(),
            expect,
            "sslmode of {}",
            url.len()
        );
    }
}
