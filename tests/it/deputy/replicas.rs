//! What was used or done at one replica is so at every other that shares its Redis.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use secrecy::ExposeSecret;
use tenancy_auth::{
    IdTokenVerifier, JobOpener, JobOutcome, JobRunner, JobSealer, KeySource, LocalReplayGuard, ServiceKeys,
    ServiceSigner, ServiceTenants, ServiceVerifier, TrustedService,
};
use tenancy_core::{
    Deployment, Hints, HostPolicy, JobLedger, PermissionNames, ReplayGuard, RequestId, Resolver,
    StaticMemberships, Tier, directory::StaticDirectory,
};
use tenancy_limits::{SharedConfig, SharedProofs};
use tenancy_testkit::{Redis, ServiceKey, tenant};

use super::{attacks::stolen, platform::Platform};

/// What one process shares. It is patient: the machine may be busy with other tests.
async fn process(redis: &Redis) -> Arc<SharedProofs> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), redis.url().expose_secret()).unwrap();
    let url = format!("file:{}", file.path().display()).parse().unwrap();
    file.keep().unwrap();
    let config = SharedConfig {
        timeout: Duration::from_secs(5),
        ..SharedConfig::new(url)
    };
    Arc::new(SharedProofs::start(config).await.unwrap())
}

/// A Redis that has been there for long: it knows of all that was used.
async fn redis() -> Redis {
    let redis = Redis::start().await.unwrap();
    let client = redis::Client::open(redis.url().expose_secret()).unwrap();
    let mut client = client.get_multiplexed_async_connection().await.unwrap();
    let mut set = redis::cmd("SET");
    let set = set.arg("tenancy:proofs:since").arg(0);
    set.exec_async(&mut client).await.unwrap();
    redis
}

#[tokio::test]
async fn a_call_that_was_taken_at_one_replica_is_refused_at_the_other() {
    let redis = redis().await;
    let (one, other) = (process(&redis).await, process(&redis).await);
    let guards = [one, other].map(|shared| Arc::new(LocalReplayGuard::default().before(shared)) as _);
    let platform = Platform::replicated(ServiceKey::es256, guards).await;
    for [first, second] in [
        [&platform.social, &platform.twin],
        [&platform.twin, &platform.social],
    ] {
        let head = stolen(&platform).await;
        assert_eq!(platform.send_to(first, &head).await.0, 200);
        let (status, body) = platform.send_to(second, &head).await;
        assert_eq!((status, &body), (401, &platform.send_to(first, &head).await.1));
    }
    // nobody knows now whether a call was taken
    let head = stolen(&platform).await;
    redis.kill().await.unwrap();
    assert_eq!(platform.send_to(&platform.twin, &head).await.0, 503);
}

/// What the test above would see of guards that know nothing of each other.
#[tokio::test]
async fn guards_of_one_process_each_take_a_call_once_each() {
    let guards = [(); 2].map(|()| Arc::new(LocalReplayGuard::default()) as Arc<dyn ReplayGuard>);
    let platform = Platform::replicated(ServiceKey::es256, guards).await;
    let head = stolen(&platform).await;
    assert_eq!(platform.send_to(&platform.social, &head).await.0, 200);
    assert_eq!(platform.send_to(&platform.twin, &head).await.0, 200);
    assert_eq!(platform.send_to(&platform.twin, &head).await.0, 401);
}

fn signer() -> ServiceSigner {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ServiceKey::es256().pem()).unwrap();
    let secret = format!("file:{}", file.path().display()).parse().unwrap();
    ServiceSigner::new("trips".parse().unwrap(), [secret]).unwrap()
}

/// A worker at the queue of a service that trusts itself.
fn worker(signer: &ServiceSigner, resolver: &Arc<Resolver>, ledger: Arc<dyn JobLedger>) -> JobRunner {
    let own = signer.name().clone();
    let trusted = TrustedService {
        issuer: own.clone(),
        keys: ServiceKeys::own(signer),
        tenants: ServiceTenants::All,
        audiences: [own.clone()].into(),
        permissions: PermissionNames::default(),
    };
    let services = ServiceVerifier::new(own, [trusted], Arc::new(LocalReplayGuard::default())).unwrap();
    let users = IdTokenVerifier::new("demo-trips".parse().unwrap(), KeySource::google());
    JobRunner::new(JobOpener::new(services, users), Arc::clone(resolver), ledger)
}

#[tokio::test]
async fn a_job_that_one_worker_did_is_done_by_no_other() {
    let (redis, acme, signer) = (redis().await, tenant("acme", Tier::Standard), signer());
    let resolver = Arc::new(Resolver::new(
        Arc::new(StaticDirectory::new([acme.clone()]).unwrap()),
        Arc::new(StaticMemberships::new([])),
        Deployment::Shared,
        HostPolicy::default(),
    ));
    let own = signer.own_service(PermissionNames::default()).within(acme.id);
    let hints = Hints::default();
    let context = resolver.resolve(&own, &hints, RequestId::new(), None);
    let (context, kind) = (context.await.unwrap(), "mail".parse().unwrap());
    let sealer = JobSealer::new(signer.clone(), "trips".parse().unwrap());
    let envelope = sealer.seal(&context, &kind, b"").unwrap();
    let (one, other) = (process(&redis).await, process(&redis).await);
    let (one, other) = (worker(&signer, &resolver, one), worker(&signer, &resolver, other));
    let count = AtomicUsize::new(0);
    let work = async |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    };
    let outcome = one.run(&envelope, &kind, b"", work).await;
    assert!(matches!(outcome, JobOutcome::Done), "{outcome:?}");
    for worker in [&other, &one] {
        let outcome = worker.run(&envelope, &kind, b"", work).await;
        assert!(matches!(outcome, JobOutcome::DoneBefore), "{outcome:?}");
    }
    let late = sealer.seal(&context, &kind, b"").unwrap();
    redis.kill().await.unwrap();
    let outcome = other.run(&late, &kind, b"", work).await;
    assert!(matches!(outcome, JobOutcome::Retry { .. }), "{outcome:?}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}
