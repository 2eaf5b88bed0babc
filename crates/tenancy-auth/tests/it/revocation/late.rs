//! Lookups that take their time, or do not end.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use secrecy::SecretString;
use tenancy_auth::{AccessToken, CheckedVerifier, Revocation};
use tenancy_core::{Kind, Result};
use tenancy_testkit::{AccountAnswer, AccountServer};

use super::{Case, SIGNED_IN};
use crate::{
    time::skip,
    world::{PROJECT, subject, tenant},
};

fn verifier(case: &Case, token: impl AccessToken) -> CheckedVerifier {
    let url = case.accounts.url().parse().unwrap();
    let revocation = Revocation::new(PROJECT.parse().unwrap(), token).at(url);
    let revocation = revocation.fresh_for(Duration::from_secs(10));
    case.world.verifier.clone().with_revocation(revocation)
}

async fn outcome(verifier: &CheckedVerifier, case: &Case) -> Result<(), Kind> {
    let outcome = verifier.verify(&case.token).await;
    outcome.map(drop).map_err(|error| error.kind())
}

/// Comes after a second.
struct Slow;

#[async_trait::async_trait]
impl AccessToken for Slow {
    async fn access_token(&self) -> Result<SecretString> {
        skip(1).await;
        Ok(AccountServer::ACCESS_TOKEN.into())
    }
}

#[tokio::test]
async fn an_answer_is_as_old_as_its_question() {
    let case = Case::start().await;
    let verifier = verifier(&case, Slow);
    assert_eq!(outcome(&verifier, &case).await, Ok(()));
    case.accounts.put(&tenant(), &subject(), true, SIGNED_IN);
    // nine seconds after the answer, ten after the question
    skip(9).await;
    assert_eq!(outcome(&verifier, &case).await, Err(Kind::Unauthenticated));
}

/// Panics once.
struct Broken(AtomicBool);

#[async_trait::async_trait]
impl AccessToken for Broken {
    async fn access_token(&self) -> Result<SecretString> {
        assert!(self.0.swap(true, Relaxed), "a lookup that ends without a word");
        Ok(AccountServer::ACCESS_TOKEN.into())
    }
}

#[tokio::test]
async fn a_lookup_that_ended_without_a_word_is_made_again() {
    let case = Case::start().await;
    let verifier = verifier(&case, Broken(AtomicBool::new(false)));
    assert_eq!(outcome(&verifier, &case).await, Ok(()));
    assert_eq!(case.accounts.lookups(), 1);
}

#[tokio::test]
async fn an_account_may_have_much_to_say() {
    let case = Case::start().await;
    let photo = "x".repeat(60_000);
    let alice = format!(r#"{{"users":[{{"localId":"alice","tenantId":"T-free","photoUrl":"{photo}"}}]}}"#);
    case.accounts.answer(AccountAnswer::Text(alice));
    assert_eq!(case.outcome().await, Ok(()));
}
