//! What is left when all are done.

use std::time::Duration;

use futures::future::try_join_all;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::{oracle::Oracle, world::World};

/// How long what was given up may take to come back: a server that did not answer counts for ten seconds.
const RETURNS: Duration = Duration::from_secs(25);

const SESSIONS: &str = "SELECT count(*) FILTER (WHERE state <> 'idle'), count(*) FROM pg_stat_activity \
    WHERE datname = $1 AND usename = $2";

/// All connections come back and serve, nothing is left open at the server, and its rows are what the oracles say.
pub(super) async fn verdict(world: &World, oracles: &[Oracle]) {
    let mut superuser = world.superuser().await;
    let serve = tokio::time::timeout(RETURNS, serves(world));
    if serve.await.is_err() {
        world
            .tally
            .wrong(format!("the pool does not serve {} at a time", world.size));
    }
    let rest = tokio::time::timeout(RETURNS, rests(world, &mut superuser));
    if rest.await.is_err() {
        let left: (i64, i64) = sessions(world, &mut superuser).await;
        world.tally.wrong(format!(
            "{left:?} sessions, the first busy, are left at the server"
        ));
    }
    for (ctx, oracle) in world.tenants.iter().zip(oracles) {
        let query = sqlx::query_as("SELECT id, body FROM notes WHERE tenant_id = $1").bind(ctx.tenant_id());
        let rows: Vec<(Uuid, String)> = query.fetch_all(&mut superuser).await.unwrap();
        if let Err(what) = oracle.check_all(&rows) {
            world.tally.wrong(format!("in the end: {what}"));
        }
    }
    let ids: Vec<_> = world
        .tenants
        .iter()
        .map(|ctx| ctx.tenant_id().as_uuid())
        .collect();
    let nobodys = sqlx::query_scalar("SELECT count(*) FROM notes WHERE tenant_id <> ALL ($1)").bind(ids);
    if nobodys.fetch_one(&mut superuser).await.unwrap_or(1_i64) > 0 {
        world.tally.wrong("in the end: rows of nobody");
    }
}

/// As many tenants at a time as there are connections. After a storm the first ones may find theirs dead.
async fn serves(world: &World) {
    let all = || {
        let some = world.tenants.iter().take(usize::try_from(world.size).unwrap());
        try_join_all(some.map(|ctx| async move {
            let mut conn = world.cell.core.read(ctx).await.map_err(drop)?;
            sqlx::query("SELECT pg_sleep(0.05)")
                .execute(&mut conn)
                .await
                .map_err(drop)?;
            Ok::<_, ()>(conn)
        }))
    };
    while all().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// No session is busy or in a transaction, and there are no more of them than the pool's and the one that cancels.
async fn rests(world: &World, superuser: &mut PgConnection) {
    loop {
        let (busy, all) = sessions(world, superuser).await;
        if busy == 0 && (!world.is_direct() || all <= i64::from(world.size) + 1) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn sessions(world: &World, superuser: &mut PgConnection) -> (i64, i64) {
    let database = &world.cell.database;
    let query = sqlx::query_as(SESSIONS)
        .bind(&database.name)
        .bind(&database.runtime_role);
    query.fetch_one(superuser).await.unwrap()
}
