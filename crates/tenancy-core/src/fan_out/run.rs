//! The run over all tenants.

use std::{collections::VecDeque, num::NonZeroUsize, sync::Arc, time::Duration};

use tokio::task::{JoinError, JoinSet};
use tracing::Instrument;

use super::{Checkpoint, FanOutReport, ListedTenant, TenantList, window::Window};
use crate::{
    Error, Hints, Kind, OwnService, Principal, RequestId, Resolver, Result, TenantContext, TenantId,
    TenantStatus, Unresolved, telemetry::REQUEST_TARGET,
};

/// How many tenants a page of the list has.
const PAGE: u16 = 256;
/// How many tenants may end before one that began sooner, for each that runs: one that hangs does not stop the others until
/// they are as far ahead.
const AHEAD: usize = 8;

/// Runs work for every active tenant, in the service's own name.
///
/// # Flow
///
/// Tenants come by id, a page at a time. For each the [`Resolver`] makes a context, as it does for a request, and the work
/// runs in a task of its own under a deadline. After each tenant the checkpoint is told; a later run goes on from it, and
/// begins with those that failed.
///
/// # Guarantees
///
/// Every line of the work has the tenant's id and tier. An error, a panic or a missed deadline of one tenant stops no other. What is not active when its turn comes is passed over.
/// No more than the set number run at a time. Dropping the run stops all work at its next await.
///
/// # Caveats
///
/// A run that is stopped and goes on takes some tenants twice: work has to bear that. Two replicas that run at a time take
/// every tenant twice: let one of them, with a lock or a scheduler. A tenant that is created during a run is taken, since ids grow.
pub struct FanOut {
    list: Arc<dyn TenantList>,
    resolver: Arc<Resolver>,
    service: OwnService,
    concurrency: NonZeroUsize,
    deadline: Duration,
    most_failures: usize,
}

impl FanOut {
    /// A run over the tenants of `list`: 8 at a time, a minute for each, until 1000 failed.
    #[must_use]
    pub fn new(list: Arc<dyn TenantList>, resolver: Arc<Resolver>, service: OwnService) -> Self {
        Self {
            list,
            resolver,
            service,
            concurrency: const { NonZeroUsize::new(8).expect("8 is not 0") },
            deadline: Duration::from_secs(60),
            most_failures: 1000,
        }
    }

    /// How many tenants run at a time.
    #[must_use]
    pub fn with_concurrency(mut self, concurrency: NonZeroUsize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// How long the work of one tenant may take.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many tenants may fail before the run stops: something is wrong that is not theirs.
    #[must_use]
    pub fn with_most_failures(mut self, most: usize) -> Self {
        self.most_failures = most;
        self
    }

    /// Runs `work` for every active tenant that comes after `from`, and for those that failed before. `progress` is told
    /// each new checkpoint; it does not wait, so let it hand the checkpoint to who writes it down.
    ///
    /// Call it on a tokio runtime. It never fails as a whole: the report says what did.
    pub async fn run<W, F>(
        &self,
        from: Checkpoint,
        work: W,
        mut progress: impl FnMut(&Checkpoint),
    ) -> FanOutReport
    where
        W: Fn(TenantContext) -> F + Send + Sync + 'static,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let mut run = Run::new(self, from, work);
        while let Some(turn) = run.next().await {
            run.start(turn);
            while run.is_full() && run.settle().await {
                progress(&run.report.checkpoint);
            }
        }
        while run.settle().await {
            progress(&run.report.checkpoint);
        }
        run.report
    }
}

/// A run that is under way.
struct Run<'a, W> {
    plan: &'a FanOut,
    work: Arc<W>,
    queue: VecDeque<Turn>,
    /// Where the list goes on; `None` when it has ended.
    listed: Option<Option<TenantId>>,
    window: Window,
    tasks: JoinSet<(Turn, Outcome)>,
    report: FanOutReport,
}

/// A tenant whose turn it is.
#[derive(Clone, Copy)]
struct Turn {
    tenant: ListedTenant,
    /// In the order of the list; one that failed before is not: it can be ahead of some that were never taken.
    in_order: bool,
}

enum Outcome {
    Done,
    Skipped(TenantStatus),
    Failed(String),
}

impl<'a, W, F> Run<'a, W>
where
    W: Fn(TenantContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<()>> + Send + 'static,
{
    fn new(plan: &'a FanOut, from: Checkpoint, work: W) -> Self {
        // those that failed come first, whatever they are now: their turn is no part of the order
        let again = from.failed.iter().map(|id| Turn {
            tenant: ListedTenant {
                id: *id,
                status: TenantStatus::Active,
            },
            in_order: false,
        });
        Self {
            plan,
            work: Arc::new(work),
            queue: again.collect(),
            listed: Some(from.after),
            window: Window::default(),
            tasks: JoinSet::new(),
            report: FanOutReport {
                checkpoint: from,
                ..FanOutReport::default()
            },
        }
    }

    /// The next tenant; `None` after the last, or when the run has to stop.
    async fn next(&mut self) -> Option<Turn> {
        if self.report.failed.len() > self.plan.most_failures {
            self.stop(Error::internal("too many tenants failed: the run stops"));
        }
        if self.queue.is_empty()
            && let Some(after) = self.listed
        {
            match self.plan.list.tenants_after(after, PAGE).await {
                Ok(page) => self.take(page, after),
                Err(error) => self.stop(error),
            }
        }
        self.queue.pop_front()
    }

    /// Takes a page. A list that does not move on would be followed for ever.
    fn take(&mut self, page: Vec<ListedTenant>, after: Option<TenantId>) {
        self.listed = (page.len() >= PAGE.into())
            .then(|| page.last().map(|last| Some(last.id)))
            .flatten();
        let ordered = page
            .iter()
            .map(|tenant| Some(tenant.id))
            .is_sorted_by(|a, b| a < b);
        if !ordered || page.first().is_some_and(|first| Some(first.id) <= after) {
            self.stop(Error::internal("the list of tenants is not in the order of ids"));
            return;
        }
        let turn = |tenant| Turn {
            tenant,
            in_order: true,
        };
        self.queue.extend(page.into_iter().map(turn));
    }

    fn stop(&mut self, error: Error) {
        self.queue.clear();
        self.listed = None;
        self.report.stopped.get_or_insert(error);
    }

    fn start(&mut self, turn: Turn) {
        let ListedTenant { id, status } = turn.tenant;
        if turn.in_order {
            self.window.begin(id);
        }
        if status != TenantStatus::Active {
            self.tasks.spawn(async move { (turn, Outcome::Skipped(status)) });
            return;
        }
        let (resolver, principal) = (Arc::clone(&self.plan.resolver), self.plan.service.within(id));
        let (work, deadline) = (Arc::clone(&self.work), self.plan.deadline);
        self.tasks.spawn(async move {
            let ended = tokio::time::timeout(deadline, one(&resolver, &principal, deadline, work)).await;
            (turn, ended.unwrap_or_else(|_| late(deadline)))
        });
    }

    /// Whether one has to end before another may begin.
    fn is_full(&self) -> bool {
        let most = self.plan.concurrency.get();
        self.tasks.len() >= most || self.window.len() >= most.saturating_mul(AHEAD)
    }

    /// Waits for one to end; `false` when none is under way.
    async fn settle(&mut self) -> bool {
        let Some(ended) = self.tasks.join_next().await else {
            return false;
        };
        let (turn, outcome) = match ended {
            Ok(ended) => ended,
            // the resolver panicked: whose turn it was is lost, and so the order is
            Err(error) => {
                self.stop(Error::internal("a context could not be made").with_source(error));
                return true;
            }
        };
        let id = turn.tenant.id;
        let failed = &mut self.report.checkpoint.failed;
        failed.remove(&id);
        match outcome {
            Outcome::Done => self.report.done = self.report.done.saturating_add(1),
            Outcome::Skipped(status) => self.report.skip(status),
            Outcome::Failed(why) => {
                tracing::warn!(tenant.id = %id, why, "the work of one tenant failed");
                failed.insert(id);
                self.report.failed.insert(id, why);
            }
        }
        if turn.in_order {
            let moved = self.window.finish(id);
            self.report.checkpoint.after = moved.max(self.report.checkpoint.after);
        }
        true
    }
}

/// The work of one tenant, with a context of its own.
async fn one<W, F>(resolver: &Resolver, principal: &Principal, deadline: Duration, work: Arc<W>) -> Outcome
where
    W: Fn(TenantContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<()>> + Send + 'static,
{
    let until = std::time::Instant::now().checked_add(deadline);
    let (hints, request) = (Hints::default(), RequestId::new());
    let context = match resolver.resolve(principal, &hints, request, until).await {
        Ok(context) => context,
        Err(error) => return refused(&error),
    };
    let span = tracing::error_span!(
        target: REQUEST_TARGET, "fan_out",
        request.id = %request, tenant.id = %context.tenant_id(), tenant.tier = context.tier().as_str()
    );
    // a task of its own: a panic is told apart, and the tenant's id is not lost with it; it ends with the set
    let mut task = JoinSet::new();
    task.spawn(async move { work(context).await }.instrument(span));
    concluded(task.join_next().await)
}

/// Between the list and the look, a tenant can be suspended, moved or erased.
fn refused(error: &Error) -> Outcome {
    match (error.kind(), Unresolved::of(error)) {
        (Kind::Suspended, _) => Outcome::Skipped(TenantStatus::Suspended),
        (Kind::Moving, _) => Outcome::Skipped(TenantStatus::Moving),
        (_, Some(Unresolved::Provisioning)) => Outcome::Skipped(TenantStatus::Provisioning),
        (_, Some(Unresolved::Erasing | Unresolved::UnknownTenant)) => {
            Outcome::Skipped(TenantStatus::Deleting)
        }
        _ => failed(error),
    }
}

fn concluded(ended: Option<Result<Result<()>, JoinError>>) -> Outcome {
    match ended {
        Some(Ok(Ok(()))) => Outcome::Done,
        Some(Ok(Err(error))) => failed(&error),
        Some(Err(_)) | None => Outcome::Failed("the work panicked".to_owned()),
    }
}

fn failed(error: &Error) -> Outcome {
    Outcome::Failed(match error.log() {
        Some(log) => format!("{error}: {log}"),
        None => error.to_string(),
    })
}

fn late(deadline: Duration) -> Outcome {
    Outcome::Failed(format!("it took longer than {} s", deadline.as_secs()))
}
