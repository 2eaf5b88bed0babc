//! Steps that stop nobody, and may take long.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    super::{Step, plan::Fill},
    ApplyError, Event, Run,
    locked::refused,
    session::{code, contended},
    text::{execute, number},
};

const ATTEMPTS: u32 = 5;
/// The statement's own code for a row that refers to nothing.
const FOREIGN_KEY: &str = "23503";

impl Run<'_> {
    /// What was left of a try that failed is taken away by the step's first statement.
    pub(super) async fn online(&mut self, step: &Step) -> Result<(), ApplyError> {
        for attempt in 1..=ATTEMPTS {
            match self.statements(step).await {
                Ok(()) => return Ok(()),
                Err(error) if contended(&error) && attempt < ATTEMPTS => {
                    self.report.retries += 1;
                    (self.tell)(Event::Retried { step, attempt });
                    sleep(Duration::from_millis(500)).await;
                }
                Err(source) => return Err(refused(step, source)),
            }
        }
        Ok(())
    }

    /// Each in a message of its own: it must not be part of a transaction.
    async fn statements(&mut self, step: &Step) -> sqlx::Result<()> {
        let patience = self.options.patience.as_millis();
        let limits = format!("SET lock_timeout = '{patience}ms'; SET statement_timeout = '{patience}ms'");
        execute(self.connection, limits).await?;
        for statement in &step.statements {
            execute(self.connection, statement.clone()).await?;
        }
        Ok(())
    }

    /// A row that moved to another tenant while its children were filled has left them behind: they are mended once.
    pub(super) async fn checked(
        &mut self,
        step: &Step,
        mend: &[Fill],
        crossing: &str,
    ) -> Result<(), ApplyError> {
        for again in [true, false] {
            match self.online(step).await {
                Err(ApplyError::Refused { source, .. }) if code(&source).as_deref() == Some(FOREIGN_KEY) => {
                    if !again {
                        break;
                    }
                    for fill in mend {
                        self.fill(fill, &fill.astray()).await?;
                    }
                }
                done => return done,
            }
        }
        let count = format!("SELECT count(*) FROM ({crossing}) crossing");
        let rows = number(self.connection, count).await?;
        Err(ApplyError::Crossing {
            table: step.object.clone(),
            rows,
            query: crossing.to_owned(),
        })
    }
}
