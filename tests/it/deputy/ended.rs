//! What an operator's grant opened, closes with it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tenancy_auth::{
    Authenticator, GrantRequest, IdTokenVerifier, KeySource, OperatorGranter, OperatorTrust,
    OperatorVerifier, ServiceKeys, ServiceSigner,
};
use tenancy_core::{
    DataWrite, Deployment, Hints, HostPolicy, Kind, OperatorAccess, Permit, RequestId, Resolver,
    StaticMemberships, TenantContext, Tier,
    directory::StaticDirectory,
    http::{
        Authenticate, {Credentials, Means},
    },
};
use tenancy_sql::{Databases, PoolOptions};
use tenancy_storage::ObjectStores;
use tenancy_testkit::{ServiceKey, tenant};

/// An operator's context, by a grant that ends in a moment.
async fn operator() -> TenantContext {
    let (key, acme) = (ServiceKey::es256(), tenant("acme", Tier::Standard));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), key.pem()).unwrap();
    let secret = format!("file:{}", file.path().display()).parse().unwrap();
    let signer = ServiceSigner::new("control".parse().unwrap(), [secret]).unwrap();
    let grant = OperatorGranter::new(signer).grant(&GrantRequest {
        operator: "eve@platform".parse().unwrap(),
        tenant: acme.id,
        reason: "ticket 4711: a trip is lost".parse().unwrap(),
        access: OperatorAccess::Write,
        audience: "trips".parse().unwrap(),
        lasts: Duration::from_secs(2),
    });
    let keys = ServiceKeys::fixed(&key.jwks()).unwrap();
    let terms = OperatorTrust::new("control".parse().unwrap(), keys);
    let users = IdTokenVerifier::new("demo-trips".parse().unwrap(), KeySource::google());
    let authenticator =
        Authenticator::new(users).with_operators(OperatorVerifier::new("trips".parse().unwrap(), terms));
    let credentials = Credentials {
        means: Means::Header,
        bearer: grant.as_ref().unwrap().expose_secret(),
        actor: None,
        method: &http::Method::GET,
        path: "/",
    };
    let principal = authenticator.authenticate(credentials).await.unwrap();
    let resolver = Resolver::new(
        Arc::new(StaticDirectory::new([acme]).unwrap()),
        Arc::new(StaticMemberships::new([])),
        Deployment::Shared,
        HostPolicy::default(),
    );
    let hints = Hints::default();
    let resolved = resolver.resolve(&principal, &hints, RequestId::new(), None);
    resolved.await.unwrap()
}

#[tokio::test]
async fn no_store_opens_for_an_operator_whose_grant_has_ended() {
    let sql = Databases::new(BTreeMap::new(), PoolOptions::default()).handle("core".parse().unwrap());
    let root = tempfile::tempdir().unwrap();
    let objects = ObjectStores::local(root.path())
        .unwrap()
        .handle("uploads".parse().unwrap());
    let context = operator().await;
    let permit = Permit::<DataWrite>::check(&context).unwrap();
    let opens = async || {
        let key = "notes/1".parse().unwrap();
        let [read, begun, got, deleted] = [
            sql.read(&context).await.err(),
            sql.begin(&permit).await.err(),
            objects.get(&context, &key).await.err(),
            objects.delete(&permit, &key).await.err(),
        ];
        [read, begun, got, deleted].map(|error| error.map(|error| error.kind()))
    };
    assert!(
        opens()
            .await
            .iter()
            .all(|kind| *kind != Some(Kind::Unauthenticated))
    );
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(opens().await, [Some(Kind::Unauthenticated); 4]);
}
