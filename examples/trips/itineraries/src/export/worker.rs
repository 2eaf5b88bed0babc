//! The worker: comes round all tenants, and does what is due.

use std::time::Duration;

use tenancy::{
    Checkpoint, DataWrite, DeadReason, FanOut, FanOutReport, JobKind, JobOutcome, JobRunner, Kind, Permit,
    Result, SqlHandle, Tenancy, TenantContext, TenantEnvelope,
};

use super::{
    job,
    queries::{self, Taken},
    queue::kind,
};

/// How long a round waits for the next.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the making of one export may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// For how long a job is nobody else's: for longer than it may take.
const LEASE: Duration = Duration::from_secs(60);
/// How many jobs of one tenant a round does: the next tenant waits no longer than for these.
const BATCH: usize = 8;
/// How often a job is tried.
const ATTEMPTS: i32 = 20;

/// Makes the exports that are queued, for all tenants of the deployment.
///
/// # Guarantees
///
/// A suspended tenant is passed over, and its jobs wait. A job runs with a context as of now: of the user who asked, by the role the
/// user has by then. An envelope that is not one of this service's for this very export makes nothing.
pub struct Worker {
    tenants: FanOut,
    jobs: Jobs,
}

/// What one tenant's turn needs.
#[derive(Clone)]
struct Jobs {
    core: SqlHandle,
    runner: JobRunner,
    kind: JobKind,
}

impl Worker {
    /// The worker of a deployment.
    ///
    /// # Errors
    ///
    /// When the configuration has no `service.keys`: nobody could queue a job.
    pub fn new(tenancy: &Tenancy) -> Result<Self> {
        Ok(Self {
            tenants: tenancy.fan_out()?,
            jobs: Jobs {
                core: tenancy.sql("core")?,
                runner: tenancy.runner()?.with_deadline(DEADLINE),
                kind: kind()?,
            },
        })
    }

    /// Comes round all tenants once.
    pub async fn round(&self) -> FanOutReport {
        let jobs = self.jobs.clone();
        let turn = move |ctx| {
            let jobs = jobs.clone();
            async move { jobs.turn(&ctx).await }
        };
        self.tenants.run(Checkpoint::start(), turn, |_| {}).await
    }

    /// Comes round again and again, a second apart, until it is dropped.
    pub async fn run(&self) {
        loop {
            let report = self.round().await;
            if !report.is_clean() {
                tracing::warn!(?report, "some tenants' exports have to wait for the next round");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Jobs {
    /// Some of a tenant's jobs, one after the other. `ctx` is the service's own: it finds jobs, and makes none.
    ///
    /// It looks before it asks for a permit: what a permit opens is in the tenant's audit log, and a round each second that
    /// finds nothing is nothing to be told of.
    async fn turn(&self, ctx: &TenantContext) -> Result<()> {
        for _ in 0..BATCH {
            match self.is_due(ctx).await {
                Ok(true) => {}
                Ok(false) => break,
                // a tenant with a place of its own: its own deployment's worker comes to it
                Err(error) if error.kind() == Kind::NotFound => break,
                Err(error) => return Err(error),
            }
            let permit = Permit::<DataWrite>::check(ctx)?;
            let Some(taken) = self.take(&permit).await? else {
                break;
            };
            let outcome = self.make(&taken).await;
            self.settle(&permit, &taken, outcome).await?;
        }
        Ok(())
    }

    async fn is_due(&self, ctx: &TenantContext) -> Result<bool> {
        let mut db = self.core.read(ctx).await?;
        Ok(queries::is_due(&mut db).await?)
    }

    async fn take(&self, permit: &Permit<DataWrite>) -> Result<Option<Taken>> {
        let mut tx = self.core.begin(permit).await?;
        let taken = queries::take(&mut tx, LEASE).await?;
        tx.commit().await?;
        Ok(taken)
    }

    async fn make(&self, taken: &Taken) -> JobOutcome {
        let Ok(envelope) = taken.envelope.parse::<TenantEnvelope>() else {
            return JobOutcome::Dead(DeadReason::Forged("it is too long".to_owned()));
        };
        let (id, core) = (taken.id, self.core.clone());
        let work = |ctx: TenantContext| async move { job::make(&core, &ctx, id).await };
        let payload = id.payload();
        self.runner.run(&envelope, &self.kind, payload, work).await
    }

    async fn settle(&self, permit: &Permit<DataWrite>, taken: &Taken, outcome: JobOutcome) -> Result<()> {
        let refusal = match outcome {
            JobOutcome::Done | JobOutcome::DoneBefore => return Ok(()),
            JobOutcome::Retry { after, .. } if taken.attempts < ATTEMPTS => {
                let mut tx = self.core.begin(permit).await?;
                queries::put_back(&mut tx, taken.id, after).await?;
                return tx.commit().await;
            }
            JobOutcome::Retry { reason, .. } => format!("tried too often: {reason:?}"),
            JobOutcome::Dead(reason) => format!("{reason:?}"),
        };
        let refusal: String = refusal.chars().take(200).collect();
        let mut tx = self.core.begin(permit).await?;
        queries::refuse(&mut tx, taken.id, &refusal).await?;
        tx.commit().await
    }
}
