//! Rows get their tenant, some blocks at a time.

use std::{ops::Range, time::Duration};

use sqlx::{Connection, Executor};
use tokio::time::{Instant, sleep};

use super::{
    super::{Step, plan::Fill},
    ApplyError, Event, Run,
    text::{execute, number},
};

/// Blocks of the first batch; the next ones follow the time that it took.
const FIRST: i64 = 16;
/// 32 MiB.
const MOST: i64 = 4096;
/// How often rows that others hold are come back to.
const PASSES: u32 = 20;

impl Run<'_> {
    /// One pass over the blocks that are there. Rows that come later are filled by the trigger.
    pub(super) async fn fill(&mut self, fill: &Fill, which: &str) -> Result<(), ApplyError> {
        let size = format!(
            "SELECT (pg_relation_size({}::regclass) / current_setting('block_size')::int8)::int8",
            super::super::quote::literal(&fill.table)
        );
        let total = number(self.connection, size).await?;
        let (mut from, mut step, mut rows) = (0, FIRST, 0);
        while from < total {
            let begun = Instant::now();
            let blocks = from..(from + step).min(total);
            from = blocks.end;
            rows += self.batch(fill, which, &blocks).await?;
            step = paced(step, begun.elapsed(), self.options.batch);
            let (done, total) = (from.unsigned_abs(), total.unsigned_abs());
            (self.tell)(Event::Filled {
                table: &fill.table,
                done,
                total,
                rows,
            });
            sleep(self.options.pause).await;
        }
        self.report.rows += rows;
        Ok(())
    }

    async fn batch(&mut self, fill: &Fill, which: &str, blocks: &Range<i64>) -> sqlx::Result<u64> {
        let mut transaction = self.connection.begin().await?;
        // a tenant's column is no change of the row's: nothing that watches for those is told, unless rows are mended
        if fill.quiet && which == Fill::EMPTY {
            transaction
                .execute("SET LOCAL session_replication_role = replica")
                .await?;
        }
        let filled = execute(&mut transaction, fill.batch(which, blocks)).await?;
        transaction.commit().await?;
        Ok(filled)
    }

    /// Until no row is without a tenant: what others held is come back to.
    pub(super) async fn filled(&mut self, step: &Step, fills: &[Fill]) -> Result<(), ApplyError> {
        let mut rows = 0;
        for _ in 0..PASSES {
            rows = 0;
            let before = self.report.rows;
            for fill in fills {
                if self.empty(fill).await? > 0 {
                    self.fill(fill, Fill::EMPTY).await?;
                    rows += self.empty(fill).await?;
                }
            }
            if rows == 0 {
                return Ok(());
            }
            if self.report.rows == before {
                sleep(Duration::from_millis(100)).await;
            }
        }
        let table = step.object.clone();
        Err(ApplyError::Orphans { table, rows })
    }

    /// Rows whose parent moved to another tenant, and that no reference has held.
    pub(super) async fn followed(&mut self, fills: &[Fill]) -> Result<(), ApplyError> {
        for fill in fills {
            self.fill(fill, &fill.astray()).await?;
        }
        Ok(())
    }

    async fn empty(&mut self, fill: &Fill) -> sqlx::Result<i64> {
        let text = format!("SELECT count(*) FROM ONLY {} c WHERE {}", fill.table, Fill::EMPTY);
        number(self.connection, text).await
    }
}

/// Twice as many blocks after a quick batch, half as many after a slow one.
fn paced(blocks: i64, took: Duration, target: Duration) -> i64 {
    if took > target {
        (blocks / 2).max(1)
    } else if took * 2 < target {
        (blocks * 2).min(MOST)
    } else {
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_follow_their_time() {
        let ms = Duration::from_millis;
        for (blocks, took, expect) in [
            (16, 5, 32),
            (16, 30, 16),
            (16, 80, 8),
            (1, 80, 1),
            (MOST, 1, MOST),
        ] {
            assert_eq!(paced(blocks, ms(took), ms(50)), expect, "{blocks} {took}");
        }
    }
}
