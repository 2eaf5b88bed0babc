//! Jobs across a queue: what becomes of one when the world has changed meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tenancy_auth::{
    DeadReason, JobOutcome, JobRunner, JobSealer, LocalJobLedger, RetryReason, ServiceSigner, TenantEnvelope,
};
use tenancy_core::{
    Deployment, Directory, Epoch, Error, HostPolicy, Membership, MembershipKey, Memberships, Resolver,
    Result, Role, TenantContext, TenantId, TenantKey, TenantRecord, TenantStatus, UserId,
};
use tenancy_testkit::ServiceKey;

use super::{
    outgoing::call,
    parties::{Parties, name},
    rotation::secret,
};

/// What directory and memberships say now.
struct World {
    tenant: Mutex<Option<TenantRecord>>,
    member: Mutex<Option<Role>>,
    down: Mutex<bool>,
}

#[async_trait]
impl Directory for World {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        if *self.down.lock() {
            return Err(Error::unavailable("the registry is down"));
        }
        let tenant = self.tenant.lock().clone();
        Ok(tenant.filter(|tenant| key.names(tenant)).map(Arc::new))
    }
}

#[async_trait]
impl Memberships for World {
    async fn membership(&self, _: &MembershipKey) -> Result<Option<Membership>> {
        let user = UserId::new();
        Ok(self.member.lock().map(|role| Membership {
            user,
            role: role.into(),
        }))
    }
}

/// A queue between trips and social, and a worker there.
struct Queue {
    parties: Parties,
    world: Arc<World>,
    sealer: JobSealer,
    _file: tempfile::NamedTempFile,
    ran: AtomicU64,
}

const PAYLOAD: &[u8] = b"hello";

impl Queue {
    async fn new() -> Self {
        let parties = Parties::new(ServiceKey::es256).await;
        let (secret, file) = secret(&parties.trips);
        let signer = ServiceSigner::new(name("trips"), [secret]).unwrap();
        let world = World {
            tenant: Mutex::new(Some(parties.acme.clone())),
            member: Mutex::new(Some(Role::Member)),
            down: Mutex::new(false),
        };
        Self {
            parties,
            world: Arc::new(world),
            sealer: JobSealer::new(signer, name("social")),
            _file: file,
            ran: AtomicU64::new(0),
        }
    }

    async fn alice(&self) -> TenantEnvelope {
        let alice = self.parties.context(&call(&self.parties)).await.unwrap();
        self.sealer
            .seal(&alice, &"mail".parse().unwrap(), PAYLOAD)
            .unwrap()
    }

    fn runner(&self, deployment: Deployment) -> JobRunner {
        let resolver = Resolver::new(
            Arc::clone(&self.world) as _,
            Arc::clone(&self.world) as _,
            deployment,
            HostPolicy::default(),
        );
        JobRunner::new(
            self.parties.opener(),
            Arc::new(resolver),
            Arc::new(LocalJobLedger::default()),
        )
        .with_deadline(Duration::from_secs(5))
    }

    async fn run(&self, runner: &JobRunner, envelope: &TenantEnvelope) -> String {
        let work = async |_: TenantContext| {
            self.ran.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        said(
            runner
                .run(envelope, &"mail".parse().unwrap(), PAYLOAD, work)
                .await,
        )
    }

    fn change(&self, change: impl FnOnce(&mut TenantRecord)) {
        change(self.world.tenant.lock().as_mut().unwrap());
    }
}

fn said(outcome: JobOutcome) -> String {
    match outcome {
        JobOutcome::Done => "done".to_owned(),
        JobOutcome::DoneBefore => "done before".to_owned(),
        JobOutcome::Retry { after, reason, .. } => format!("{reason:?} for {} s", after.as_secs()),
        JobOutcome::Dead(reason) => format!("dead: {reason:?}"),
    }
}

type Change = fn(&Queue);

#[tokio::test]
async fn a_job_meets_the_world_as_it_is_now() {
    const ROWS: &[(Change, &str)] = &[
        (|_| {}, "done"),
        (
            |q| q.change(|t| t.status = TenantStatus::Suspended),
            "Suspended for 300 s",
        ),
        (
            |q| q.change(|t| t.status = TenantStatus::Provisioning),
            "Provisioning for 30 s",
        ),
        (
            |q| q.change(|t| t.status = TenantStatus::Moving),
            "Moving for 2 s",
        ),
        (
            |q| q.change(|t| t.status = TenantStatus::Deleting),
            "dead: NoTenant",
        ),
        (|q| *q.world.tenant.lock() = None, "dead: NoTenant"),
        (|q| *q.world.member.lock() = None, "dead: NoMember"),
        (
            |q| q.change(|t| t.identity_tenant = "other-x1y2z".parse().unwrap()),
            "dead: NoMember",
        ),
        (|q| *q.world.down.lock() = true, "Unavailable for 5 s"),
    ];
    for (change, expect) in ROWS {
        let queue = Queue::new().await;
        let envelope = queue.alice().await;
        change(&queue);
        let runner = queue.runner(Deployment::Shared);
        assert_eq!(queue.run(&runner, &envelope).await, *expect);
        let ran = u64::from(*expect == "done");
        assert_eq!(queue.ran.load(Ordering::SeqCst), ran, "{expect}");
    }
}

#[tokio::test]
async fn a_job_that_waited_runs_when_the_tenant_is_back() {
    let queue = Queue::new().await;
    let (envelope, runner) = (queue.alice().await, queue.runner(Deployment::Shared));
    queue.change(|t| t.status = TenantStatus::Suspended);
    assert_eq!(queue.run(&runner, &envelope).await, "Suspended for 300 s");
    queue.change(|t| t.status = TenantStatus::Active);
    assert_eq!(queue.run(&runner, &envelope).await, "done");
    // delivered again: it was done
    assert_eq!(queue.run(&runner, &envelope).await, "done before");
    assert_eq!(queue.ran.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_pinned_worker_does_no_other_tenant_s_job() {
    let queue = Queue::new().await;
    let envelope = queue.alice().await;
    let runner = queue.runner(Deployment::Pinned(TenantId::new()));
    assert_eq!(queue.run(&runner, &envelope).await, "dead: OtherDeployment");
    let runner = queue.runner(Deployment::Pinned(queue.parties.acme.id));
    assert_eq!(queue.run(&runner, &envelope).await, "done");
}

#[tokio::test]
async fn a_moved_tenant_s_job_has_the_new_place_and_the_role_of_now() {
    let queue = Queue::new().await;
    let envelope = queue.alice().await;
    let moved = queue.parties.globex.placement.clone();
    queue.change(|t| {
        t.placement = moved.clone();
        t.placement.epoch = Epoch(7);
    });
    *queue.world.member.lock() = Some(Role::ReadOnly);
    let found = Mutex::new(None);
    let work = async |context: TenantContext| {
        *found.lock() = Some(context);
        Ok(())
    };
    let runner = queue.runner(Deployment::Shared);
    let outcome = runner
        .run(&envelope, &"mail".parse().unwrap(), PAYLOAD, work)
        .await;
    assert_eq!(said(outcome), "done");
    let context = found.lock().take().unwrap();
    assert_eq!(
        (context.epoch(), &context.placement().sql),
        (Epoch(7), &moved.sql)
    );
    assert_eq!(context.role(), Some(&Role::ReadOnly.into()));
}

#[tokio::test]
async fn a_job_that_failed_runs_again_and_a_forged_one_never() {
    let queue = Queue::new().await;
    let (envelope, runner) = (queue.alice().await, queue.runner(Deployment::Shared));
    let kind = "mail".parse().unwrap();
    let failed = |_| async { Err(Error::unavailable("the mail server is down")) };
    assert_eq!(
        said(runner.run(&envelope, &kind, PAYLOAD, failed).await),
        "Failed for 30 s"
    );
    let panics = |_| async { panic!("a bug") };
    assert_eq!(
        said(runner.run(&envelope, &kind, PAYLOAD, panics).await),
        "Failed for 30 s"
    );
    let outcome = runner
        .run(&envelope, &kind, b"another", |_| async { Ok(()) })
        .await;
    let JobOutcome::Dead(DeadReason::Forged(why)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(why, "claims: `payload` is another");
    assert_eq!(queue.run(&runner, &envelope).await, "done");
}

#[tokio::test(start_paused = true)]
async fn work_that_takes_too_long_gives_its_turn_back() {
    let queue = Queue::new().await;
    let (envelope, runner) = (queue.alice().await, queue.runner(Deployment::Shared));
    let kind = "mail".parse().unwrap();
    let hangs = |_| std::future::pending();
    let outcome = runner.run(&envelope, &kind, PAYLOAD, hangs).await;
    assert!(
        matches!(
            outcome,
            JobOutcome::Retry {
                reason: RetryReason::Failed,
                ..
            }
        ),
        "{outcome:?}"
    );
    assert_eq!(queue.run(&runner, &envelope).await, "done");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_died_leaves_its_turn_to_another_after_a_while() {
    let queue = Queue::new().await;
    let (envelope, runner) = (queue.alice().await, queue.runner(Deployment::Shared));
    let kind = "mail".parse().unwrap();
    {
        // dropped in the middle, as with its process
        let dies = runner.run(&envelope, &kind, PAYLOAD, |_| std::future::pending());
        let _ = tokio::time::timeout(Duration::from_secs(1), dies).await;
    }
    assert_eq!(queue.run(&runner, &envelope).await, "Taken for 30 s");
    tokio::time::advance(Duration::from_secs(15)).await;
    assert_eq!(queue.run(&runner, &envelope).await, "done");
}
