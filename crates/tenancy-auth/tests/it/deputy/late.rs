//! Proofs in the last seconds of their time: what is remembered of them outlasts them, and what is waited for does not.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::json;
use tenancy_auth::{
    Authenticator, DeadReason, JobOutcome, JobRunner, ServiceKeys, ServiceTenants, ServiceVerifier,
    TrustedService,
};
use tenancy_core::{
    Error, JobLedger, JobTurn, PermissionNames, ProofId, ReplayGuard, RequestId, Result, Turn,
};
use tenancy_testkit::ServiceKey;

use super::parties::{Draft, JOB, Parties, ath, name, now, seen};

/// The leeway of every proof, in seconds.
const LEEWAY: i64 = 10;

/// Remembers nothing, as one that has forgotten does, and takes its time; keeps until when it was to remember.
struct Forgetful {
    takes: Duration,
    until: Mutex<Option<Timestamp>>,
    /// How often it does not hear that a job was done.
    deaf: Mutex<u32>,
}

impl Forgetful {
    fn new(takes: Duration) -> Arc<Self> {
        Arc::new(Self {
            takes,
            until: Mutex::default(),
            deaf: Mutex::default(),
        })
    }

    async fn forget(&self, until: Timestamp) {
        *self.until.lock() = Some(until);
        tokio::time::sleep(self.takes).await;
    }

    fn until(&self) -> i64 {
        self.until.lock().unwrap().as_second()
    }
}

#[async_trait]
impl ReplayGuard for Forgetful {
    async fn first_use(&self, _: &ProofId, _: Timestamp, until: Timestamp) -> Result<bool> {
        self.forget(until).await;
        Ok(true)
    }
}

#[async_trait]
impl JobLedger for Forgetful {
    async fn begin(&self, _: &ProofId, _: Duration, until: Timestamp) -> Result<JobTurn> {
        self.forget(until).await;
        Ok(JobTurn::Yours(Turn::new()))
    }

    async fn done(&self, _: &ProofId, _: Turn, _: Timestamp) -> Result<bool> {
        let mut deaf = self.deaf.lock();
        if *deaf == 0 {
            return Ok(true);
        }
        *deaf -= 1;
        Err(Error::unavailable("deaf"))
    }

    async fn give_back(&self, _: &ProofId, _: Turn) -> Result<()> {
        Ok(())
    }
}

/// What becomes of a call whose token ended `ago` seconds ago, and until when its use is remembered.
async fn call(guard: &Arc<Forgetful>, ago: i64) -> (std::result::Result<String, String>, i64) {
    let mut parties = Parties::new(ServiceKey::es256).await;
    let trips = TrustedService {
        issuer: name("trips"),
        keys: ServiceKeys::fixed(&parties.trips.jwks()).unwrap(),
        tenants: ServiceTenants::All,
        audiences: [name("social")].into(),
        permissions: PermissionNames::default(),
    };
    let services = ServiceVerifier::new(name("social"), [trips], Arc::clone(guard) as _).unwrap();
    parties.authenticator = Authenticator::new(parties.users.clone()).with_services(services);
    let mut draft = Draft::call(&parties);
    let end = now() - ago;
    draft.claims["iat"] = (end - 60).into();
    draft.claims["exp"] = end.into();
    let outcome = seen(parties.context(&draft.sign()).await);
    (outcome, end)
}

#[tokio::test]
async fn a_token_that_ends_while_the_guard_is_asked_is_refused() {
    let quick = Forgetful::new(Duration::ZERO);
    let (outcome, end) = call(&quick, 1).await;
    assert_eq!(outcome.as_deref(), Ok("alice via trips of acme"));
    assert_eq!(
        quick.until(),
        end + LEEWAY,
        "remembered for as long as it is taken"
    );
    let slow = Forgetful::new(Duration::from_millis(3_100));
    let (outcome, _) = call(&slow, LEEWAY - 3).await;
    assert_eq!(outcome.unwrap_err(), "claims: `exp` is past");
}

/// What becomes of a job whose envelope ended `ago` seconds ago, and until when it is remembered.
async fn job(ledger: &Arc<Forgetful>, ago: i64) -> (JobOutcome, i64) {
    let parties = Parties::new(ServiceKey::es256).await;
    let token = parties.token(&parties.acme, "alice");
    let end = now() - ago;
    let claims = json!({
        "iss": "trips", "aud": "social", "tenant": parties.acme.id, "iat": end - 20, "exp": end,
        "jti": RequestId::new(), "kind": "mail", "payload": ath("hello"), "epoch": 0,
        "request": RequestId::new(), "user": token,
    });
    let header = parties.trips.header(JOB).to_string();
    let envelope = parties.trips.sign_text(&header, &claims.to_string());
    let runner = JobRunner::new(
        parties.opener(),
        Arc::clone(&parties.resolver),
        Arc::clone(ledger) as _,
    );
    let (envelope, kind) = (envelope.parse().unwrap(), "mail".parse().unwrap());
    let outcome = runner.run(&envelope, &kind, b"hello", async |_| Ok(())).await;
    (outcome, end)
}

#[tokio::test]
async fn a_job_that_ends_while_the_ledger_is_asked_is_not_done() {
    let quick = Forgetful::new(Duration::ZERO);
    let (outcome, end) = job(&quick, 1).await;
    assert!(matches!(outcome, JobOutcome::Done), "{outcome:?}");
    assert_eq!(
        quick.until(),
        end + LEEWAY,
        "remembered for as long as it is taken"
    );
    let slow = Forgetful::new(Duration::from_millis(3_100));
    let (outcome, _) = job(&slow, LEEWAY - 3).await;
    assert!(
        matches!(outcome, JobOutcome::Dead(DeadReason::Expired)),
        "{outcome:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_does_not_hear_is_told_again_for_five_seconds() {
    for (deaf, left) in [(0, 0), (3, 0), (1_000, 980)] {
        let ledger = Forgetful::new(Duration::ZERO);
        *ledger.deaf.lock() = deaf;
        let (outcome, _) = job(&ledger, 1).await;
        assert!(matches!(outcome, JobOutcome::Done), "{outcome:?}");
        assert!(ledger.deaf.lock().abs_diff(left) <= 1, "{deaf}");
    }
}
