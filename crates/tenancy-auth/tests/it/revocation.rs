//! Users who were disabled, removed or signed out everywhere, against a server of accounts of our own: that Google's answers have this
//! form, no test here checks.

mod late;

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use secrecy::SecretString;
use tenancy_auth::{AccessToken, CheckedVerifier, Revocation};
use tenancy_core::{
    Error, Kind, Principal, Result, SecretRef,
    http::{Authenticate, Credentials, Means},
};
use tenancy_testkit::{AccountAnswer, AccountServer, KeyAnswer};

use crate::{
    time::{skip, within},
    world::{PROJECT, World, subject, tenant},
};

const SIGNED_IN: i64 = 1_700_000_000;

struct Token(&'static str);

#[async_trait::async_trait]
impl AccessToken for Token {
    async fn access_token(&self) -> Result<SecretString> {
        match self.0 {
            "" => Err(Error::unavailable("no token today")),
            token => Ok(token.into()),
        }
    }
}

struct Case {
    world: World,
    accounts: Arc<AccountServer>,
    verifier: CheckedVerifier,
    token: String,
}

impl Case {
    /// Alice, who signed in at 1.7 billion seconds and may in.
    async fn start() -> Self {
        Self::with(|revocation| revocation).await
    }

    async fn with(adapt: impl FnOnce(Revocation) -> Revocation) -> Self {
        let world = World::start().await;
        let accounts = Arc::new(AccountServer::start(PROJECT).await.unwrap());
        accounts.put(&tenant(), &subject(), false, SIGNED_IN);
        let revocation = adapt(revocation(&accounts, AccountServer::ACCESS_TOKEN));
        Self {
            verifier: world.verifier.clone().with_revocation(revocation),
            token: world.draft().claim("auth_time", SIGNED_IN).sign(),
            accounts,
            world,
        }
    }

    async fn outcome(&self) -> Result<(), Kind> {
        let outcome = self.verifier.verify(&self.token).await;
        outcome.map(drop).map_err(|error| error.kind())
    }

    async fn log(&self) -> String {
        let error = self.verifier.verify(&self.token).await.unwrap_err();
        error.log().unwrap().to_owned()
    }

    /// Waits until the server was asked that often, and its answer has arrived.
    async fn asked(&self, lookups: u64) {
        for _ in 0..400 {
            if self.accounts.lookups() >= lookups {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(self.accounts.lookups(), lookups);
    }
}

pub(crate) fn revocation(accounts: &AccountServer, token: &'static str) -> Revocation {
    Revocation::new(PROJECT.parse().unwrap(), Token(token)).at(accounts.url().parse().unwrap())
}

#[tokio::test]
async fn who_may_in_is_looked_up_once_and_known_then() {
    let case = Case::start().await;
    assert!(case.verifier.known(&case.token).is_none());
    for _ in 0..100 {
        assert_eq!(case.outcome().await, Ok(()));
    }
    assert!(case.verifier.known(&case.token).is_some());
    assert_eq!(case.accounts.lookups(), 1);
}

#[tokio::test]
async fn a_checked_verifier_is_what_the_layer_asks() {
    let case = Case::start().await;
    let credentials = Credentials {
        means: Means::Header,
        bearer: &case.token,
        actor: None,
        method: &http::Method::GET,
        path: "/",
    };
    let layer: &dyn Authenticate = &case.verifier;
    assert!(layer.known(credentials).is_none());
    let principal = layer.authenticate(credentials).await.unwrap();
    assert!(matches!(principal, Principal::User(user) if user.subject() == &subject()));
    assert!(matches!(layer.known(credentials), Some(Principal::User(_))));
    let beside = Credentials {
        actor: Some(&case.token),
        ..credentials
    };
    assert!(layer.known(beside).is_none());
    assert!(layer.authenticate(beside).await.is_err());
}

async fn check(change: impl Fn(&AccountServer), log: &str) {
    // at once for who was not known, within the minute for who was
    let case = Case::start().await;
    change(&case.accounts);
    assert_eq!(case.log().await, log);
    let case = Case::start().await;
    assert_eq!(case.outcome().await, Ok(()));
    change(&case.accounts);
    skip(30).await;
    assert!(case.verifier.known(&case.token).is_some());
    skip(30).await;
    assert!(case.verifier.known(&case.token).is_none());
    let error = case.verifier.verify(&case.token).await.unwrap_err();
    assert_eq!((error.kind(), error.log()), (Kind::Unauthenticated, Some(log)));
    assert_eq!(error.to_string(), "a valid token is required");
    assert!(case.verifier.known(&case.token).is_none());
    // and again, without a lookup for each request
    assert_eq!(case.log().await, log);
    assert_eq!(case.accounts.lookups(), 2);
    // and when it is taken back, in again
    case.accounts.put(&tenant(), &subject(), false, SIGNED_IN);
    skip(60).await;
    assert_eq!(case.outcome().await, Ok(()));
}

#[tokio::test]
async fn who_may_no_longer_in_is_out_within_a_minute() {
    check(
        |accounts| accounts.put(&tenant(), &subject(), true, SIGNED_IN),
        "user: disabled",
    )
    .await;
    check(
        |accounts| accounts.remove(&tenant(), &subject()),
        "user: there is none of that `sub`",
    )
    .await;
    check(
        |accounts| accounts.put(&tenant(), &subject(), false, SIGNED_IN + 1),
        "user: signed in before the sessions were revoked",
    )
    .await;
}

#[tokio::test]
async fn who_signs_in_again_after_revocation_is_let_in() {
    let case = Case::start().await;
    case.accounts.put(&tenant(), &subject(), false, SIGNED_IN + 10);
    assert_eq!(case.outcome().await, Err(Kind::Unauthenticated));
    let anew = case.world.draft().claim("auth_time", SIGNED_IN + 10).sign();
    assert!(case.verifier.verify(&anew).await.is_ok());
    assert_eq!(case.accounts.lookups(), 1);
}

#[tokio::test]
async fn the_same_id_in_another_pool_is_another_user() {
    let case = Case::start().await;
    assert_eq!(case.outcome().await, Ok(()));
    let other = case.world.draft().claim("firebase.tenant", "T-other").sign();
    let error = case.verifier.verify(&other).await.unwrap_err();
    assert_eq!(error.log(), Some("user: there is none of that `sub`"));
    case.accounts
        .put(&"T-other".parse().unwrap(), &subject(), true, 0);
    skip(60).await;
    let error = case.verifier.verify(&other).await.unwrap_err();
    assert_eq!(error.log(), Some("user: disabled"));
    assert_eq!(case.outcome().await, Ok(()));
}

#[tokio::test]
async fn session_cookies_are_checked_the_same_way() {
    let case = Case::start().await;
    let cookie = case.world.cookie_draft().claim("auth_time", SIGNED_IN).sign();
    let revocation = revocation(&case.accounts, AccountServer::ACCESS_TOKEN);
    let verifier = case.world.cookie_verifier.clone().with_revocation(revocation);
    assert!(verifier.verify(&cookie).await.is_ok());
    assert!(verifier.verify(&case.token).await.is_err());
    case.accounts.put(&tenant(), &subject(), true, SIGNED_IN);
    skip(60).await;
    assert_eq!(
        verifier.verify(&cookie).await.unwrap_err().log(),
        Some("user: disabled")
    );
}

#[tokio::test]
async fn a_thousand_requests_of_one_user_make_one_lookup() {
    let case = Case::start().await;
    for lookups in 1..4 {
        let outcomes = join_all((0..1000).map(|_| case.outcome())).await;
        assert!(outcomes.into_iter().all(|outcome| outcome.is_ok()));
        assert_eq!(case.accounts.lookups(), lookups);
        skip(60).await;
    }
}

#[tokio::test]
async fn a_busy_user_is_looked_up_beside_the_requests() {
    let case = Case::start().await;
    assert_eq!(case.outcome().await, Ok(()));
    case.accounts.answer(AccountAnswer::Hang);
    skip(48).await;
    let asked = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(case.outcome().await, Ok(()));
    }
    // one that waited would take two seconds
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    case.asked(2).await;
}

async fn check_outage(answer: AccountAnswer, log: &str) {
    let case = Case::start().await;
    let log = format!("the lookup of the user's account failed: {log}");
    case.accounts.answer(answer.clone());
    let silent = answer == AccountAnswer::Hang;
    // nothing is known of her, so she is not let in
    assert_eq!(within(silent, case.log()).await, log, "{answer:?}");
    case.accounts.answer(AccountAnswer::Account);
    skip(5).await;
    assert_eq!(case.outcome().await, Ok(()), "{answer:?}");
    case.accounts.answer(answer.clone());
    for minute in 0..10 {
        assert_eq!(
            within(silent, case.outcome()).await,
            Ok(()),
            "{answer:?} after {minute} minutes"
        );
        // a server that never answers took two seconds
        skip(58).await;
    }
    skip(20).await;
    assert_eq!(
        within(silent, case.log()).await,
        log,
        "{answer:?} after 10 minutes"
    );
    assert!(case.verifier.known(&case.token).is_none());
    case.accounts.answer(AccountAnswer::Account);
    skip(5).await;
    assert_eq!(case.outcome().await, Ok(()), "{answer:?} is over");
}

#[tokio::test]
async fn what_was_known_serves_through_an_outage_for_ten_minutes_and_then_nobody_gets_in() {
    let long = format!("{{\"users\":[]{}}}", " ".repeat(70_000));
    let bob = r#"{"users":[{"localId":"bob","tenantId":"T-free","validSince":"0"}]}"#;
    let pool = r#"{"users":[{"localId":"alice","tenantId":"T-other","validSince":"0"}]}"#;
    let shape = "its answer tells of no account, or of another one";
    check_outage(
        AccountAnswer::Status(500),
        "it answered with status 500 Internal Server Error",
    )
    .await;
    check_outage(
        AccountAnswer::Status(403),
        "it answered with status 403 Forbidden",
    )
    .await;
    check_outage(AccountAnswer::Text("<!doctype html>".into()), shape).await;
    check_outage(AccountAnswer::Text(bob.into()), shape).await;
    check_outage(AccountAnswer::Text(pool.into()), shape).await;
    check_outage(AccountAnswer::Text(long), "its answer is longer than 65536 bytes").await;
    check_outage(AccountAnswer::Hang, "it did not answer within 2s").await;
}

#[tokio::test]
async fn who_was_refused_stays_refused_through_an_outage() {
    let case = Case::start().await;
    case.accounts.put(&tenant(), &subject(), true, SIGNED_IN);
    assert_eq!(case.outcome().await, Err(Kind::Unauthenticated));
    case.accounts.answer(AccountAnswer::Status(500));
    skip(300).await;
    assert_eq!(case.outcome().await, Err(Kind::Unauthenticated));
    skip(300).await;
    assert_eq!(case.outcome().await, Err(Kind::Unavailable));
}

#[tokio::test]
async fn a_server_that_fails_is_not_asked_for_each_request() {
    let case = Case::start().await;
    case.accounts.answer(AccountAnswer::Status(500));
    for _ in 0..100 {
        assert_eq!(case.outcome().await, Err(Kind::Unavailable));
    }
    assert_eq!(case.accounts.lookups(), 1);
    skip(5).await;
    assert_eq!(case.outcome().await, Err(Kind::Unavailable));
    assert_eq!(case.accounts.lookups(), 2);
}

#[tokio::test]
async fn the_bounds_can_be_set() {
    let case = Case::with(|revocation| {
        revocation
            .fresh_for(Duration::from_secs(10))
            .stale_for(Duration::from_secs(30))
            .remembering(2)
    })
    .await;
    assert_eq!(case.outcome().await, Ok(()));
    case.accounts.put(&tenant(), &subject(), true, SIGNED_IN);
    skip(10).await;
    assert_eq!(case.outcome().await, Err(Kind::Unauthenticated));
    case.accounts.answer(AccountAnswer::Status(500));
    skip(15).await;
    assert_eq!(case.outcome().await, Err(Kind::Unauthenticated));
    skip(15).await;
    assert_eq!(case.outcome().await, Err(Kind::Unavailable));
    // two users are remembered: three in turn are looked up each time
    let lookups = case.accounts.lookups();
    case.accounts.answer(AccountAnswer::Account);
    for name in ["a", "b", "c", "a", "b", "c"] {
        case.accounts.put(&tenant(), &name.parse().unwrap(), false, 0);
        let token = case.world.draft().claim("sub", name).sign();
        assert!(case.verifier.verify(&token).await.is_ok());
    }
    assert_eq!(case.accounts.lookups(), lookups + 6);
}

#[tokio::test]
async fn without_an_access_token_nothing_is_looked_up() {
    let case = Case::start().await;
    for (token, lookups, log) in [
        ("", 0, "there is no access token"),
        ("another", 1, "it answered with status 401 Unauthorized"),
        ("two\nlines", 1, "it can't be reached"),
    ] {
        let revocation = revocation(&case.accounts, token);
        let verifier = case.world.verifier.clone().with_revocation(revocation);
        let error = verifier.verify(&case.token).await.unwrap_err();
        let log = format!("the lookup of the user's account failed: {log}");
        assert_eq!((error.kind(), error.log()), (Kind::Unavailable, Some(&*log)));
        assert_eq!(case.accounts.lookups(), lookups);
        assert!(token.is_empty() || !format!("{error:?} {verifier:?}").contains(token));
    }
}

#[tokio::test]
async fn an_access_token_is_read_again_from_its_file() {
    let case = Case::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "old\n").unwrap();
    let reference: SecretRef = format!("file:{}", file.path().display()).parse().unwrap();
    let url = case.accounts.url().parse().unwrap();
    let revocation = Revocation::new(PROJECT.parse().unwrap(), reference).at(url);
    let verifier = case.world.verifier.clone().with_revocation(revocation);
    assert_eq!(
        verifier.verify(&case.token).await.unwrap_err().kind(),
        Kind::Unavailable
    );
    std::fs::write(&file, AccountServer::ACCESS_TOKEN).unwrap();
    skip(5).await;
    assert!(verifier.verify(&case.token).await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_not_good_costs_no_lookup() {
    let case = Case::start().await;
    for token in [
        case.world.draft().claim("aud", "other-project").sign(),
        case.world.token() + "x",
    ] {
        assert!(case.verifier.verify(&token).await.is_err());
    }
    case.world.server.answer(KeyAnswer::Status(500));
    assert_eq!(case.accounts.lookups(), 0);
}
