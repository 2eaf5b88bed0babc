//! Changes of the catalog under a lock that is waited for shortly and held shortly.

use std::time::Duration;

use sqlx::Connection;
use tokio::time::{Instant, sleep};

use super::{super::Step, ApplyError, Event, Run, session::contended, text::execute};

/// How long the change itself may take. It touches the catalog only.
const HOLD: &str = "5s";

impl Run<'_> {
    pub(super) async fn locked(&mut self, step: &Step, tables: &[String]) -> Result<(), ApplyError> {
        for attempt in 1..=self.options.attempts {
            let begun = Instant::now();
            let wait = longer(self.options.lock_wait, attempt);
            match self.attempt(step, &turned(tables, attempt), wait).await {
                Ok((waited, held)) => {
                    self.report.waited.see(waited, step);
                    self.report.held.see(held, step);
                    return Ok(());
                }
                Err(error) if contended(&error) => {
                    self.report.waited.see(begun.elapsed(), step);
                    self.report.retries += 1;
                    (self.tell)(Event::Retried { step, attempt });
                    // those who queued behind us go first
                    sleep(wait).await;
                }
                Err(source) => return Err(refused(step, source)),
            }
        }
        Err(ApplyError::Busy {
            object: step.object.clone(),
            attempts: self.options.attempts,
        })
    }

    /// Waited, and held: from the first table's lock to the commit.
    async fn attempt(
        &mut self,
        step: &Step,
        tables: &[String],
        wait: Duration,
    ) -> sqlx::Result<(Duration, Duration)> {
        let mut transaction = self.connection.begin().await?;
        let wait = wait.as_millis();
        let limits = format!("SET LOCAL lock_timeout = '{wait}ms'; SET LOCAL statement_timeout = '{wait}ms'");
        execute(&mut transaction, limits).await?;
        let begun = Instant::now();
        let mut locked = None;
        for table in tables {
            let text = format!("LOCK TABLE {table} IN {} MODE", step.lock.mode());
            execute(&mut transaction, text).await?;
            locked.get_or_insert_with(Instant::now);
        }
        let waited = begun.elapsed();
        // one message, so that no round trip is waited for under the lock
        let change = format!(
            "SET LOCAL statement_timeout = '{HOLD}'; {}",
            step.statements.join("; ")
        );
        execute(&mut transaction, change).await?;
        transaction.commit().await?;
        Ok((waited, locked.map_or(Duration::ZERO, |since| since.elapsed())))
    }
}

/// Parents first and children first in turns: whatever order writers lock in, every other try does not run against it.
fn turned(tables: &[String], attempt: u32) -> Vec<String> {
    let mut tables = tables.to_vec();
    if attempt.is_multiple_of(2) {
        tables.reverse();
    }
    tables
}

/// Where transactions last longer than we wait, we wait longer: twice after ten tries, four times after twenty.
fn longer(wait: Duration, attempt: u32) -> Duration {
    wait * (1 << (attempt / 10).min(2))
}

pub(super) fn refused(step: &Step, source: sqlx::Error) -> ApplyError {
    if source.as_database_error().is_none() {
        return ApplyError::Database(source);
    }
    ApplyError::Refused {
        object: step.object.clone(),
        why: step.why,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_not_had_is_waited_for_longer() {
        let ms = Duration::from_millis;
        for (attempt, expect) in [(1, 200), (9, 200), (10, 400), (19, 400), (20, 800), (100, 800)] {
            assert_eq!(longer(ms(200), attempt), ms(expect), "{attempt}");
        }
    }
}
