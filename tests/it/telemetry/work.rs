//! Work that no request started says whose it is, too.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tenancy_auth::{
    IdTokenVerifier, JobOpener, JobOutcome, JobRunner, JobSealer, KeySource, LocalJobLedger,
    LocalReplayGuard, ServiceKeys, ServiceSigner, ServiceTenants, ServiceVerifier, TrustedService,
};
use tenancy_core::{
    Checkpoint, Deployment, FanOut, Hints, HostPolicy, PermissionNames, RequestId, Resolver, ServiceName,
    StaticMemberships, TenantContext, Tier, directory::StaticDirectory,
};
use tenancy_testkit::{ServiceKey, tenant};

/// Where lines go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// What was logged with `message`.
    fn with(&self, message: &str) -> String {
        let all = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let line = all.lines().find(|line| line.contains(message));
        line.unwrap_or_else(|| panic!("no line has {message:?}: {all}"))
            .to_owned()
    }
}

fn signer() -> ServiceSigner {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ServiceKey::es256().pem()).unwrap();
    let secret = format!("file:{}", file.path().display()).parse().unwrap();
    ServiceSigner::new("trips".parse().unwrap(), [secret]).unwrap()
}

/// The queue of a service that trusts itself.
fn runner(signer: &ServiceSigner, resolver: &Arc<Resolver>) -> JobRunner {
    let own: ServiceName = signer.name().clone();
    let trusted = TrustedService {
        issuer: own.clone(),
        keys: ServiceKeys::own(signer),
        tenants: ServiceTenants::All,
        audiences: [own.clone()].into(),
        permissions: PermissionNames::default(),
    };
    let services = ServiceVerifier::new(own, [trusted], Arc::new(LocalReplayGuard::default())).unwrap();
    let users = IdTokenVerifier::new("demo-trips".parse().unwrap(), KeySource::google());
    let opener = JobOpener::new(services, users);
    JobRunner::new(opener, Arc::clone(resolver), Arc::new(LocalJobLedger::default()))
}

async fn work(_: TenantContext) -> tenancy_core::Result<()> {
    tracing::info!("at work");
    Ok(())
}

/// The line of the work, and what the process logged.
fn hear() -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn jobs_and_runs_over_all_tenants_name_the_tenant_in_every_line() {
    let (acme, signer) = (tenant("acme", Tier::Standard), signer());
    let directory = Arc::new(StaticDirectory::new([acme.clone()]).unwrap());
    let resolver = Arc::new(Resolver::new(
        Arc::clone(&directory) as _,
        Arc::new(StaticMemberships::new([])),
        Deployment::Shared,
        HostPolicy::default(),
    ));
    let own = signer.own_service(PermissionNames::default());
    let (principal, hints) = (own.within(acme.id), Hints::default());
    let context = resolver
        .resolve(&principal, &hints, RequestId::new(), None)
        .await
        .unwrap();
    let kind = "mail".parse().unwrap();
    let envelope = JobSealer::new(signer.clone(), "trips".parse().unwrap())
        .seal(&context, &kind, b"")
        .unwrap();
    let check = |lines: &Lines, message: &str| {
        let line = lines.with(message);
        for part in [
            format!("tenant.id={}", acme.id),
            "tenant.tier=\"standard\"".to_owned(),
        ] {
            assert!(line.contains(&part), "{part}: {line}");
        }
    };

    let (lines, _guard) = hear();
    let outcome = runner(&signer, &resolver).run(&envelope, &kind, b"", work).await;
    assert!(matches!(outcome, JobOutcome::Done), "{outcome:?}");
    check(&lines, "at work");
    check(&lines, "a job ended");

    let (lines, _guard) = hear();
    let run = FanOut::new(directory, resolver, own);
    let report = run.run(Checkpoint::default(), work, |_| {}).await;
    assert_eq!(report.done, 1);
    check(&lines, "at work");
}
