//! The signer's keys: read from secrets, published, rotated.

use std::{io::Write, sync::Arc};

use tempfile::NamedTempFile;
use tenancy_auth::{
    Authenticator, LocalReplayGuard, ServiceKeys, ServiceSigner, ServiceTenants, ServiceVerifier,
    TrustedService,
};
use tenancy_core::{PermissionNames, SecretRef};
use tenancy_testkit::{KeyAnswer, KeyServer, ServiceKey};

use super::{
    outgoing::{call, sent},
    parties::{Parties, name},
};

/// A private key as a secret in a file.
pub(crate) fn secret(key: &ServiceKey) -> (SecretRef, NamedTempFile) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(key.pem().as_bytes()).unwrap();
    (SecretRef::File(file.path().to_owned()), file)
}

fn write(file: &NamedTempFile, key: &ServiceKey) {
    std::fs::write(file.path(), key.pem()).unwrap();
}

fn kids(signer: &ServiceSigner) -> Vec<String> {
    let jwks = signer.jwks();
    let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap().to_owned();
    jwks["keys"].as_array().unwrap().iter().map(kid).collect()
}

fn kid(key: &ServiceKey) -> String {
    key.jwk()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_rotated_without_a_call_refused() {
    for make in [ServiceKey::es256, ServiceKey::ed25519] {
        let parties = Parties::new(make).await;
        let (old, new) = (make(), make());
        let ((current, current_file), (next, next_file)) = (secret(&old), secret(&old));
        let signer = ServiceSigner::new(name("trips"), [current, next]).unwrap();
        assert_eq!(kids(&signer), [kid(&old)]);

        // the receiver asks the address where the signer publishes
        let server = KeyServer::start(&parties.mint).await.unwrap();
        let publish = || server.answer(KeyAnswer::Text(signer.jwks().to_string()));
        publish();
        let trusted = TrustedService {
            issuer: name("trips"),
            keys: ServiceKeys::at(server.url().parse().unwrap()),
            tenants: ServiceTenants::All,
            audiences: [name("social")].into(),
            permissions: PermissionNames::default(),
        };
        let guard = Arc::new(LocalReplayGuard::default());
        let services = ServiceVerifier::new(name("social"), [trusted], guard).unwrap();
        let authenticator = Authenticator::new(parties.users.clone()).with_services(services);

        let taken = async || {
            let (head, context) = (
                sent(&signer, &parties).await,
                parties.context(&call(&parties)).await,
            );
            assert!(context.is_ok());
            head.taken_by(&authenticator).await
        };
        assert!(taken().await);
        // the next key is published, and does not sign yet
        write(&next_file, &new);
        signer.reload().unwrap();
        publish();
        assert_eq!(kids(&signer), [kid(&old), kid(&new)]);
        assert!(taken().await);
        // it comes first too soon: the old one signs on
        write(&current_file, &new);
        write(&next_file, &old);
        signer.reload().unwrap();
        assert_eq!(kids(&signer), [kid(&new), kid(&old)]);
        assert_eq!(sent(&signer, &parties).await.kid(), kid(&old));
        assert!(taken().await);
        // a secret that can't be read changes nothing
        std::fs::write(current_file.path(), "hunter2").unwrap();
        let error = signer.reload().unwrap_err().to_string();
        assert!(
            !error.contains("hunter2") && error.contains("openssl genpkey"),
            "{error}"
        );
        assert_eq!(kids(&signer), [kid(&new), kid(&old)]);
        assert!(taken().await);
    }
}

#[test]
fn what_is_no_key_is_refused_at_start() {
    let wrong = |text: &str| {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let secret = SecretRef::File(file.path().to_owned());
        ServiceSigner::new(name("trips"), [secret])
            .unwrap_err()
            .to_string()
    };
    assert!(
        wrong("hunter2")
            .ends_with("it is no PKCS #8 key in PEM; `openssl genpkey -algorithm ed25519` makes one")
    );
    assert!(wrong("").ends_with("is empty"));
    let none = ServiceSigner::new(name("trips"), []).unwrap_err().to_string();
    assert_eq!(none, "a service that signs needs at least one private key");
    // nothing of a key is shown
    let key = ServiceKey::ed25519();
    let (secret, _file) = secret(&key);
    let shown = format!("{:?}", ServiceSigner::new(name("trips"), [secret]).unwrap());
    assert_eq!(shown, "ServiceSigner { name: trips, .. }");
}
