//! Executes a plan beside writers that go on.

mod batches;
mod error;
mod event;
mod locked;
mod online;
mod options;
mod report;
mod session;
mod text;

use sqlx::postgres::PgConnection;
use tokio::time::Instant;

pub use self::error::ApplyError;
pub use self::event::Event;
pub use self::options::ApplyOptions;
pub use self::report::{ApplyReport, Longest};
use super::{Declaration, Phase, Plan, Step, plan::How};

/// How often the catalog is read again before it is said to change too fast.
const ROUNDS: usize = 4;

/// What the steps share.
struct Run<'a> {
    connection: &'a mut PgConnection,
    options: &'a ApplyOptions,
    report: ApplyReport,
    tell: &'a mut (dyn FnMut(Event<'_>) + Send),
}

/// Executes what is left of the plan, up to and with the phase `until`, and says how long it kept others waiting.
///
/// # Guarantees
///
/// - Repeatable: what is done is read from the catalog. One that was killed goes on when it is run again, with the same
///   result. A session lock keeps two of them apart.
/// - At most one table and its partitions is locked at a time, a reference's two ends together, and only for changes of the
///   catalog. Who waits for such a lock gives up after [`ApplyOptions::lock_wait`], so that nobody queues behind it for
///   longer, and tries again.
/// - Rows are filled in batches that never wait for a writer's row.
///
/// # Caveats
///
/// The connection should be fresh, direct or pooled in session mode, and a role's that owns the tables. Its session is left
/// changed: close it.
///
/// # Errors
///
/// What must be decided first, or what can't be done, with what to do about it. What was done stays.
pub async fn apply(
    connection: &mut PgConnection,
    declared: &Declaration,
    until: Phase,
    options: &ApplyOptions,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<ApplyReport, ApplyError> {
    session::open(connection, options).await?;
    let mut run = Run {
        connection,
        options,
        report: ApplyReport::default(),
        tell,
    };
    for round in 0..ROUNDS {
        let plan = Plan::new(run.connection, declared).await?;
        // rows are looked at once: the catalog does not say that they are filled
        let again = |step: &&Step| round == 0 || !matches!(step.how, How::Fill(_) | How::Followed(_));
        let steps: Vec<&Step> = plan.pending(until).filter(again).collect();
        if steps.is_empty() {
            session::close(run.connection).await?;
            return Ok(run.report);
        }
        let of = steps.len();
        for (at, step) in (1..).zip(steps) {
            run.step(step, at, of).await?;
        }
    }
    Err(ApplyError::Changing)
}

impl Run<'_> {
    async fn step(&mut self, step: &Step, at: usize, of: usize) -> Result<(), ApplyError> {
        (self.tell)(Event::Started { step, at, of });
        let begun = Instant::now();
        match &step.how {
            How::Base => session::base(self.connection).await?,
            How::Locked(tables) => self.locked(step, tables).await?,
            How::Online => self.online(step).await?,
            How::Checked(mend, crossing) => self.checked(step, mend, crossing).await?,
            How::Fill(fill) => self.fill(fill, super::plan::Fill::EMPTY).await?,
            How::Followed(fills) => self.followed(fills).await?,
            How::Filled(fills) => self.filled(step, fills).await?,
        }
        self.report.steps += 1;
        let took = begun.elapsed();
        (self.tell)(Event::Done { step, took });
        Ok(())
    }
}
