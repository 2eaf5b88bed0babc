//! A worker's loop body: open, resolve, do, remember.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use jiff::Timestamp;
use tenancy_core::{
    Error, Hints, JobLedger, JobTurn, Kind, Resolver, Result, TenantContext, Turn, Unresolved,
    telemetry::REQUEST_TARGET,
};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, Span, field::Empty};

use super::{DeadReason, JobKind, JobOpener, JobOutcome, OpenError, OpenedJob, RetryReason, TenantEnvelope};

/// How long a ledger may take.
const LEDGER: Duration = Duration::from_secs(5);
/// The pause before it is told once more.
const AGAIN: Duration = Duration::from_millis(250);

/// Does jobs of one queue.
///
/// # Flow
///
/// The envelope is verified; the ledger is asked for a turn; the resolver makes a context as of now (tenant, placement, membership and
/// plan; nothing of the envelope says where data is); the work runs under what is left of the deadline; the ledger is told. Every line
/// of it has the tenant's id and tier.
///
/// # Guarantees
///
/// No work without a context. What can't be known makes a job wait and never drops it; only what is so for ever makes a dead letter.
#[derive(Clone)]
pub struct JobRunner {
    opener: JobOpener,
    resolver: Arc<Resolver>,
    ledger: Arc<dyn JobLedger>,
    deadline: Duration,
}

impl JobRunner {
    /// A runner that gives a job a minute.
    #[must_use]
    pub fn new(opener: JobOpener, resolver: Arc<Resolver>, ledger: Arc<dyn JobLedger>) -> Self {
        Self {
            opener,
            resolver,
            ledger,
            deadline: Duration::from_secs(60),
        }
    }

    /// How long the work of a job may take, and so how long its turn is kept for it.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Does a job, or says what is to become of it. Call it on a tokio runtime.
    pub async fn run<F>(
        &self,
        envelope: &TenantEnvelope,
        kind: &JobKind,
        payload: &[u8],
        work: impl FnOnce(TenantContext) -> F,
    ) -> JobOutcome
    where
        F: Future<Output = Result<()>>,
    {
        let job = match self.opener.open(envelope, kind, payload).await {
            Ok(job) => job,
            Err(error) => return unopened(error),
        };
        let span = tracing::error_span!(
            target: REQUEST_TARGET, "job",
            job.kind = %kind, job.id = %job.id, request.id = %job.request, tenant.id = Empty, tenant.tier = Empty
        );
        let outcome = self.turn(&job, work, &span).instrument(span.clone()).await;
        span.in_scope(|| tracing::info!(?outcome, "a job ended"));
        outcome
    }

    async fn turn<F>(&self, job: &OpenedJob, work: impl FnOnce(TenantContext) -> F, span: &Span) -> JobOutcome
    where
        F: Future<Output = Result<()>>,
    {
        let turn = match told(self.ledger.begin(&job.id, self.lease(), job.expires_at)).await {
            Ok(JobTurn::Yours(turn)) => turn,
            Ok(JobTurn::Taken) => return retry(RetryReason::Taken, None),
            Ok(JobTurn::Done) => return JobOutcome::DoneBefore,
            Err(error) => return retry(RetryReason::Unavailable, Some(error)),
        };
        // what was waited for took its time, and the ledger may have forgotten by now
        let outcome = if Timestamp::now() < job.expires_at {
            self.resolved(job, work, span).await
        } else {
            JobOutcome::Dead(DeadReason::Expired)
        };
        match told(self.tell(job, turn, &outcome)).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!("the job's turn had ended: it may be done twice"),
            Err(error) => tracing::warn!(?error, "the ledger of jobs could not be told"),
        }
        outcome
    }

    /// Tells the ledger what became of a job, again and again until it hears: what it does not know of is done once more.
    async fn tell(&self, job: &OpenedJob, turn: Turn, outcome: &JobOutcome) -> Result<bool> {
        loop {
            let told = match outcome {
                JobOutcome::Done => self.ledger.done(&job.id, turn, job.expires_at).await,
                _ => self.ledger.give_back(&job.id, turn).await.map(|()| true),
            };
            match told {
                Err(error) if error.kind() == Kind::Unavailable => sleep(AGAIN).await,
                told => return told,
            }
        }
    }

    /// Longer than the work may take: a turn is not given away while it is used.
    fn lease(&self) -> Duration {
        self.deadline.saturating_add(Duration::from_secs(10))
    }

    async fn resolved<F>(
        &self,
        job: &OpenedJob,
        work: impl FnOnce(TenantContext) -> F,
        span: &Span,
    ) -> JobOutcome
    where
        F: Future<Output = Result<()>>,
    {
        let now = Instant::now();
        let until = now.checked_add(self.deadline).unwrap_or(now);
        let (hints, deadline) = (Hints::default(), Some(until.into_std()));
        let resolving = self
            .resolver
            .resolve(&job.principal, &hints, job.request, deadline);
        let context = match timeout_at(until, resolving).await {
            Ok(Ok(context)) => context,
            Ok(Err(error)) => return unresolved(error),
            Err(_) => return retry(RetryReason::Unavailable, None),
        };
        tracing::record_all!(
            span,
            tenant.id = %context.tenant_id(),
            tenant.tier = context.tier().as_str()
        );
        if context.epoch() != job.epoch {
            tracing::info!(queued = ?job.epoch, now = ?context.epoch(), "the tenant was moved since");
        }
        let work = async { work(context).await };
        match timeout_at(until, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(Ok(()))) => JobOutcome::Done,
            Ok(Ok(Err(error))) => retry(RetryReason::Failed, Some(error)),
            Ok(Err(_)) => retry(RetryReason::Failed, Some(Error::internal("the work panicked"))),
            Err(_) => retry(
                RetryReason::Failed,
                Some(Error::unavailable("the work took too long")),
            ),
        }
    }
}

/// What the ledger says, if it does in time.
async fn told<T>(ledger: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| Error::unavailable("the ledger of jobs did not answer in time");
    tokio::time::timeout(LEDGER, ledger).await.map_err(late)?
}

fn unopened(error: OpenError) -> JobOutcome {
    match error {
        OpenError::Expired => JobOutcome::Dead(DeadReason::Expired),
        OpenError::Forged(why) => {
            tracing::warn!(why, "an envelope is refused");
            JobOutcome::Dead(DeadReason::Forged(why))
        }
        OpenError::Unavailable(error) => retry(RetryReason::Unavailable, Some(error)),
    }
}

fn unresolved(error: Error) -> JobOutcome {
    let dead = match (error.kind(), Unresolved::of(&error)) {
        (Kind::Suspended, _) => return retry(RetryReason::Suspended, Some(error)),
        (Kind::Moving, _) => return retry(RetryReason::Moving, Some(error)),
        (_, Some(Unresolved::Provisioning)) => return retry(RetryReason::Provisioning, Some(error)),
        (_, Some(Unresolved::UnknownTenant | Unresolved::Erasing)) => DeadReason::NoTenant,
        (_, Some(Unresolved::OtherDeployment)) => DeadReason::OtherDeployment,
        (_, Some(Unresolved::NoMember | Unresolved::OtherPool)) => DeadReason::NoMember,
        _ => return retry(RetryReason::Unavailable, Some(error)),
    };
    JobOutcome::Dead(dead)
}

fn retry(reason: RetryReason, error: Option<Error>) -> JobOutcome {
    let seconds = match reason {
        RetryReason::Suspended => 300,
        RetryReason::Provisioning | RetryReason::Taken | RetryReason::Failed => 30,
        RetryReason::Unavailable => 5,
        RetryReason::Moving => 2,
    };
    JobOutcome::Retry {
        after: Duration::from_secs(seconds),
        reason,
        error,
    }
}
