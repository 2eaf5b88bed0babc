//! The auditor, on the database that the service lives in.

use secrecy::ExposeSecret;
use tenancy_sql::audit::Auditor;

use crate::support::Service;

#[tokio::test]
async fn the_auditor_finds_nothing() {
    let service = Service::start().await;
    let connect = service.database.runtime_url.expose_secret().parse().unwrap();
    let report = Auditor::new().run(&connect).await.unwrap();
    assert_eq!(report.findings, []);
    assert!(report.tenant_tables >= 3, "{report:?}");
}
