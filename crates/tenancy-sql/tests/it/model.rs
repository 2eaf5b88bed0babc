//! Many tenants write, read, fail and give up at any point: each sees what it wrote, and nothing else.

use std::{collections::BTreeSet, future::poll_fn, pin::pin, task::Poll, time::Duration};

use tenancy_core::{Result, Role, TenantContext, Tier};
use tenancy_sql::{Hygiene, PoolMode, PoolOptions};
use tenancy_testkit::{context, tenant};
use uuid::Uuid;

use crate::support::{Cell, permit};

/// How many operations each tenant does.
const STEPS: usize = 80;

/// The same numbers in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Gives the work up when it was pending so often.
async fn cut<T>(work: impl Future<Output = T>, mut pending: u64) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if pending == 0 => Poll::Ready(None),
        Poll::Pending => {
            pending -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn write(cell: &Cell, ctx: &TenantContext, id: Uuid, commit: bool) -> Result<()> {
    let mut tx = cell.core.begin(&permit(ctx)).await?;
    let insert = sqlx::query("INSERT INTO notes (id, body) VALUES ($1, $2)");
    let body = ctx.tenant_id().to_string();
    insert.bind(id).bind(body).execute(&mut tx).await?;
    if commit {
        tx.commit().await
    } else {
        tx.rollback().await
    }
}

async fn read(cell: &Cell, ctx: &TenantContext) -> Result<Vec<(Uuid, String)>> {
    let mut conn = cell.core.read(ctx).await?;
    let rows = sqlx::query_as("SELECT id, body FROM notes");
    Ok(rows.fetch_all(&mut conn).await?)
}

async fn fails(cell: &Cell, ctx: &TenantContext) -> Result<()> {
    let mut conn = cell.core.read(ctx).await?;
    let failed = sqlx::query("SELECT 1 / (SELECT 0)").execute(&mut conn).await;
    assert!(failed.is_err());
    Ok(())
}

/// One tenant's work against what it knows: what was acknowledged is there, and no more than what may have been written.
async fn works(cell: &Cell, ctx: &TenantContext, mut dice: Dice) {
    let (mut sure, mut perhaps) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..STEPS {
        let pending = dice.below(24);
        match dice.below(6) {
            0 | 1 => {
                let id = Uuid::now_v7();
                perhaps.insert(id);
                if let Some(Ok(())) = cut(write(cell, ctx, id, true), pending).await {
                    sure.insert(id);
                }
            }
            2 => drop(cut(write(cell, ctx, Uuid::now_v7(), false), pending).await),
            3 => drop(cut(fails(cell, ctx), pending).await),
            4 => drop(cut(read(cell, ctx), pending).await),
            _ => {
                let rows = read(cell, ctx).await.unwrap();
                let own = ctx.tenant_id().to_string();
                assert!(rows.iter().all(|(_, body)| *body == own), "a foreign row");
                let seen: BTreeSet<Uuid> = rows.into_iter().map(|(id, _)| id).collect();
                assert!(seen.is_superset(&sure), "an acknowledged write is lost");
                assert!(seen.is_subset(&perhaps), "a write that was rolled back is there");
            }
        }
    }
}

#[tokio::test]
async fn each_tenant_sees_what_it_wrote_and_nothing_else() {
    let ways = [
        (PoolMode::Session, Hygiene::Reset, 1),
        (PoolMode::Session, Hygiene::Strict, 2),
        (PoolMode::Session, Hygiene::Reset, 3),
        (PoolMode::Transaction, Hygiene::Reset, 1),
        (PoolMode::Transaction, Hygiene::Strict, 4),
    ];
    for (seed, (mode, hygiene, max_connections)) in (1..).zip(ways) {
        let options = PoolOptions {
            mode,
            hygiene,
            max_connections,
            acquire_timeout: Duration::from_secs(30),
            ..PoolOptions::default()
        };
        let cell = Cell::with(options).await;
        let mut contexts = vec![];
        for n in 0..5 {
            contexts.push(context(&tenant(&format!("tenant-{n}"), Tier::Free), Role::Owner).await);
        }
        let all = (1..).zip(&contexts).map(|(n, ctx)| {
            works(
                &cell,
                ctx,
                Dice(0x9e37_79b9_7f4a_7c15_u64.rotate_left(n * 7) ^ seed),
            )
        });
        futures::future::join_all(all).await;
    }
}
