//! Users who may no longer in: no service gets in for them either, be it now or for a job of before.

use serde_json::json;
use tenancy_auth::{Authenticator, JobOpener, OpenError};
use tenancy_core::{IdentityTenant, RequestId, Subject};
use tenancy_testkit::{AccountServer, ServiceKey};

use super::parties::{Draft, JOB, Parties, ath, now, seen};
use crate::{revocation::revocation, world::PROJECT};

/// What a call in alice's name becomes, and a job that was queued in it an hour and a half ago.
async fn check(change: impl Fn(&AccountServer, &IdentityTenant, &Subject), expect: Result<(), &str>) {
    let mut parties = Parties::new(ServiceKey::es256).await;
    let accounts = AccountServer::start(PROJECT).await.unwrap();
    let (pool, alice) = (parties.acme.identity_tenant.clone(), "alice".parse().unwrap());
    accounts.put(&pool, &alice, false, 0);
    change(&accounts, &pool, &alice);
    let revocation = revocation(&accounts, AccountServer::ACCESS_TOKEN);
    let users = parties.users.clone().with_revocation(revocation);
    let opener = JobOpener::new(parties.services.clone(), users.clone());
    parties.authenticator = Authenticator::new(users).with_services(parties.services.clone());

    let outcome = seen(parties.context(&Draft::call(&parties).sign()).await);
    let outcome = outcome.as_ref().map(drop).map_err(String::as_str);
    assert_eq!(outcome, expect, "a call");

    let then = now() - 5400;
    let token = parties.mint.draft(&pool, &alice).claim("iat", then);
    let token = token.claim("auth_time", then).claim("exp", then + 3600).sign();
    let claims = json!({
        "iss": "trips", "aud": "social", "tenant": parties.acme.id, "iat": then, "exp": now() + 3600,
        "jti": RequestId::new(), "kind": "mail", "payload": ath("{}"), "epoch": 0,
        "request": RequestId::new(), "user": token,
    });
    let envelope = parties.trips.sign(&parties.trips.header(JOB), &claims);
    let kind = "mail".parse().unwrap();
    let outcome = match opener.open(&envelope.parse().unwrap(), &kind, b"{}").await {
        Ok(_) => Ok(()),
        Err(OpenError::Forged(why)) => Err(why),
        Err(error) => panic!("{error:?}"),
    };
    let outcome = outcome.as_ref().map(drop).map_err(String::as_str);
    assert_eq!(outcome, expect, "a job");
}

#[tokio::test]
async fn a_user_who_may_no_longer_in_is_out_through_services_too() {
    check(|_, _, _| {}, Ok(())).await;
    check(
        |accounts, pool, alice| accounts.put(pool, alice, true, 0),
        Err("user: disabled"),
    )
    .await;
    check(
        |accounts, pool, alice| accounts.remove(pool, alice),
        Err("user: there is none of that `sub`"),
    )
    .await;
    check(
        |accounts, pool, alice| accounts.put(pool, alice, false, now() + 60),
        Err("user: signed in before the sessions were revoked"),
    )
    .await;
}
