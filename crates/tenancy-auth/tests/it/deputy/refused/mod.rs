//! A service that holds a valid key tries every other audience, tenant and user.

mod rows;

use serde_json::json;
use tenancy_core::RequestId;
use tenancy_testkit::ServiceKey;

use super::parties::{Draft, Parties, ath, name, seen};

type Spoil = for<'a> fn(&'a Parties, &mut Draft<'a>);
type Row = (&'static str, Spoil, Result<&'static str, &'static str>);

const GOOD: Result<&str, &str> = Ok("alice via trips of acme");

fn user(token: String, draft: &mut Draft<'_>) {
    draft.claims["ath"] = ath(&token).into();
    draft.actor = Some(token);
}

async fn check_rows(key: fn() -> ServiceKey) {
    let parties = Parties::new(key).await;
    for (what, spoil, expect) in rows::ALL.concat() {
        let mut draft = Draft::call(&parties);
        spoil(&parties, &mut draft);
        let outcome = seen(parties.context(&draft.sign()).await);
        assert_eq!(outcome.as_deref().map_err(String::as_str), expect, "{what}");
    }
}

#[tokio::test]
async fn a_service_with_a_key_reaches_what_the_key_is_for_with_es256() {
    check_rows(ServiceKey::es256).await;
}

#[tokio::test]
async fn a_service_with_a_key_reaches_what_the_key_is_for_with_ed25519() {
    check_rows(ServiceKey::ed25519).await;
}

#[tokio::test]
async fn a_call_is_taken_once() {
    let parties = Parties::new(ServiceKey::es256).await;
    let again = Err("claims: `jti` was used before".to_owned());
    let mut draft = Draft::call(&parties);
    let call = draft.sign();
    assert!(parties.context(&call).await.is_ok());
    assert_eq!(seen(parties.context(&call).await), again);
    // ECDSA signs the same claims in more than one way: the id is what is remembered
    let signed_again = draft.sign();
    assert_ne!(signed_again.bearer, call.bearer);
    assert_eq!(seen(parties.context(&signed_again).await), again);
    // an id is written in more than one way, too
    let id = draft.claims["jti"].as_str().unwrap().to_uppercase();
    draft.claims["jti"] = id.into();
    assert_eq!(seen(parties.context(&draft.sign()).await), again);
    draft.claims["jti"] = json!(RequestId::new());
    assert!(parties.context(&draft.sign()).await.is_ok());
}

#[tokio::test]
async fn what_was_refused_is_not_used_up() {
    let parties = Parties::new(ServiceKey::ed25519).await;
    let draft = Draft::call(&parties);
    let mut wrong = draft.sign();
    wrong.path = "/likes".to_owned();
    assert!(parties.context(&wrong).await.is_err());
    assert!(parties.context(&draft.sign()).await.is_ok());
}

#[tokio::test]
async fn a_service_in_its_own_name_has_the_key_s_permissions_and_no_more() {
    use tenancy_core::{DataRead, DataWrite, Permit};
    let parties = Parties::new(ServiceKey::es256).await;
    let own = Draft::of(&parties, "trips", &parties.trips, &parties.acme);
    let context = parties.context(&own.sign()).await.unwrap();
    assert!(Permit::<DataRead>::check(&context).is_ok());
    assert!(Permit::<DataWrite>::check(&context).is_err());
    let pinned = Draft::of(&parties, "pinned", &parties.pinned, &parties.globex);
    let context = parties.context(&pinned.sign()).await.unwrap();
    assert!(Permit::<DataRead>::check(&context).is_err());
}

#[tokio::test]
async fn two_services_with_one_name_or_one_key_are_refused_at_start() {
    use std::sync::Arc;
    use tenancy_auth::{LocalReplayGuard, ServiceKeys, ServiceTenants, ServiceVerifier, TrustedService};
    let (a, b) = (ServiceKey::es256(), ServiceKey::es256());
    let trust = |issuer: &str, key: &ServiceKey| TrustedService {
        issuer: name(issuer),
        keys: ServiceKeys::fixed(&key.jwks()).unwrap(),
        tenants: ServiceTenants::All,
        audiences: [name("social")].into(),
        permissions: Default::default(),
    };
    for (list, expect) in [
        (vec![trust("a", &a), trust("b", &b)], None),
        (
            vec![trust("a", &a), trust("a", &b)],
            Some("the service `a` is listed twice"),
        ),
        (
            vec![trust("a", &a), trust("b", &a)],
            Some("the services `a` and `b` have a key in common: each needs keys of its own"),
        ),
    ] {
        let verifier = ServiceVerifier::new(name("social"), list, Arc::new(LocalReplayGuard::default()));
        assert_eq!(verifier.err().map(|error| error.to_string()).as_deref(), expect);
    }
    for no_keys in ["", "{}", r#"{"keys":[]}"#, "[]"] {
        assert!(ServiceKeys::fixed(no_keys).is_err(), "{no_keys}");
    }
}
