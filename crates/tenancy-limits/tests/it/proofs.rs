//! Proofs and jobs that several processes share through a real Redis, which is killed and comes back.
//!
//! That a failover to a copy loses the last writes, no test here shows.

use std::time::Duration;

use jiff::Timestamp;
use redis::AsyncCommands;
use secrecy::ExposeSecret;
use tenancy_core::{JobLedger, JobTurn, Kind, ProofId, ReplayGuard, RequestId, Result, TenantId, Turn};
use tenancy_limits::{SharedConfig, SharedProofs};
use tenancy_testkit::{Redis, check_job_ledger, check_replay_guard};

use super::support::secret;

const MINUTE: Duration = Duration::from_secs(60);
/// How long a machine that is busy with other tests may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// One process of those that share. It is patient: the machine may be busy with other tests.
async fn process(redis: &Redis) -> SharedProofs {
    let file = secret(&redis.url());
    let url = format!("file:{}", file.path().display()).parse().unwrap();
    // the URL is read again with each attempt to connect
    file.keep().unwrap();
    let config = SharedConfig {
        timeout: Duration::from_secs(5),
        ..SharedConfig::new(url)
    };
    let proofs = SharedProofs::start(config).await.unwrap();
    // times are rounded to the safe side: what was used in the millisecond of an empty store's start, it does not know
    tokio::time::sleep(Duration::from_millis(10)).await;
    proofs
}

async fn client(redis: &Redis) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(redis.url().expose_secret()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

fn proof(tenant: TenantId) -> ProofId {
    ProofId {
        tenant,
        issuer: "trips".parse().unwrap(),
        id: RequestId::new().as_uuid(),
    }
}

/// A use of a proof that could be used since `from` and ends in a minute.
async fn take(guard: &SharedProofs, proof: &ProofId, from: Timestamp) -> Result<bool> {
    guard.first_use(proof, from, Timestamp::now() + MINUTE).await
}

/// Asks until there is an answer.
async fn answered(guard: &SharedProofs, proof: &ProofId) -> bool {
    let asking = async {
        loop {
            if let Ok(first) = take(guard, proof, Timestamp::now()).await {
                return first;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("an answer")
}

#[tokio::test]
async fn processes_that_share_pass_the_suite() {
    let redis = Redis::start_with_password().await.unwrap();
    let (a, b) = (process(&redis).await, process(&redis).await);
    assert_eq!(check_replay_guard([&a, &b]).await, Ok(()));
    assert_eq!(check_job_ledger([&a, &b]).await, Ok(()));
}

#[tokio::test]
async fn a_tenants_flood_is_its_own_loss_and_ends_with_its_proofs() {
    let redis = Redis::start().await.unwrap();
    let (a, b) = (
        process(&redis).await.with_most(3),
        process(&redis).await.with_most(3),
    );
    let (acme, globex) = (TenantId::new(), TenantId::new());
    let from = Timestamp::now();
    // clocks may be ten seconds apart
    let (soon, apart) = (Duration::from_secs(2), Duration::from_secs(10));
    // the one that ends last came first
    assert_eq!(take(&a, &proof(acme), from).await.ok(), Some(true));
    for _ in 0..2 {
        let (short, until) = (proof(acme), Timestamp::now() + soon - apart);
        let short = a.first_use(&short, from, until).await;
        assert_eq!(short.ok(), Some(true));
    }
    let full = take(&b, &proof(acme), from).await.unwrap_err();
    assert_eq!(full.kind(), Kind::Unavailable);
    assert!(full.problem().retry_after_seconds().is_some());
    assert_eq!(
        take(&b, &proof(globex), from).await.ok(),
        Some(true),
        "another tenant's room"
    );
    tokio::time::sleep(soon).await;
    assert_eq!(
        take(&b, &proof(acme), from).await.ok(),
        Some(true),
        "two have ended"
    );

    let until = Timestamp::now() + MINUTE;
    for _ in 0..3 {
        assert!(!a.done(&proof(acme), Turn::new(), until).await.unwrap());
    }
    let full = b.begin(&proof(acme), MINUTE, until).await.unwrap_err();
    assert_eq!(full.kind(), Kind::Unavailable);
    let other = b.begin(&proof(globex), MINUTE, until).await;
    assert!(matches!(other, Ok(JobTurn::Yours(_))), "{other:?}");
}

#[tokio::test]
async fn what_has_ended_here_is_known_still_where_the_clock_is_behind() {
    let redis = Redis::start().await.unwrap();
    let (ahead, behind) = (process(&redis).await, process(&redis).await);
    let (used, done, from) = (proof(TenantId::new()), proof(TenantId::new()), Timestamp::now());
    let until = from + Duration::from_millis(100);
    assert_eq!(ahead.first_use(&used, from, until).await.ok(), Some(true));
    ahead.done(&done, Turn::new(), until).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    // a second slower, it would take them
    assert_eq!(behind.first_use(&used, from, until).await.ok(), Some(false));
    assert_eq!(behind.begin(&done, MINUTE, until).await.ok(), Some(JobTurn::Done));
}

#[tokio::test]
async fn without_redis_everything_is_refused_and_an_empty_one_does_not_know_what_was_used_before() {
    let redis = Redis::start().await.unwrap();
    let (a, b) = (process(&redis).await, process(&redis).await);
    let used = proof(TenantId::new());
    let from = Timestamp::now();
    assert_eq!(take(&a, &used, from).await.ok(), Some(true));
    let turn = match a.begin(&used, MINUTE, from + MINUTE).await.unwrap() {
        JobTurn::Yours(turn) => turn,
        other => panic!("{other:?}"),
    };

    redis.kill().await.unwrap();
    let refused = [
        take(&b, &proof(used.tenant), Timestamp::now()).await.map(drop),
        b.begin(&used, MINUTE, from + MINUTE).await.map(drop),
        a.done(&used, turn, from + MINUTE).await.map(drop),
        a.give_back(&used, turn).await,
    ];
    for refused in refused {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.problem().retry_after_seconds().is_some());
    }

    redis.restart().await.unwrap();
    assert!(answered(&b, &proof(used.tenant)).await, "a new one is taken");
    let replayed = take(&b, &used, from).await.unwrap_err();
    assert_eq!(
        replayed.kind(),
        Kind::Unavailable,
        "nobody knows whether it was used"
    );
    assert_eq!(replayed.problem().retry_after_seconds(), Some(10));
    // what is told now is remembered, whatever was lost in between
    assert!(answered(&a, &proof(used.tenant)).await);
    assert_eq!(a.done(&used, turn, from + MINUTE).await.ok(), Some(false));
    assert_eq!(
        b.begin(&used, MINUTE, from + MINUTE).await.ok(),
        Some(JobTurn::Done)
    );
}

#[tokio::test]
async fn one_that_is_away_at_the_start_is_found_later() {
    let redis = Redis::start().await.unwrap();
    redis.kill().await.unwrap();
    let guard = process(&redis).await;
    assert!(
        take(&guard, &proof(TenantId::new()), Timestamp::now())
            .await
            .is_err()
    );
    redis.restart().await.unwrap();
    assert!(answered(&guard, &proof(TenantId::new())).await);
}

#[tokio::test]
async fn what_lies_in_redis_names_its_tenant_and_ends_by_itself() {
    let redis = Redis::start().await.unwrap();
    let guard = process(&redis).await;
    let (tenant, from) = (TenantId::new(), Timestamp::now());
    let used = proof(tenant);
    take(&guard, &used, from).await.unwrap();
    guard.begin(&used, MINUTE, from + MINUTE).await.unwrap();
    guard
        .done(&proof(tenant), Turn::new(), from + MINUTE)
        .await
        .unwrap();
    let mut client = client(&redis).await;
    let mut keys: Vec<String> = client.keys("*").await.unwrap();
    keys.sort();
    let of = |what: &str| format!("tenancy:proofs:{tenant}:trips:{what}");
    let turn = of(&format!("turn:{}", used.id));
    let expect = [of("done"), turn, of("used"), "tenancy:proofs:since".to_owned()];
    assert_eq!(keys, expect);
    for key in &keys[..3] {
        let left: i64 = client.pttl(key).await.unwrap();
        assert!((1..=70_001).contains(&left), "{key}: {left}");
    }
}
