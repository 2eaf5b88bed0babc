//! A request's work, through our pool and through the driver's.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tenancy_core::{DataWrite, Permit, Result, SecretRef, TenantContext};
use tenancy_sql::{Databases, PoolOptions, SqlHandle};

use crate::{figures::Sample, world::World};

/// How many each pool has.
pub(crate) const CONNECTIONS: u32 = 8;
/// The texts of ours need no tenant; those of the raw pool bind it, and their table has no fence.
const LIGHT_FENCED: &str = "SELECT id, body FROM notes ORDER BY id LIMIT 10";
const LIGHT: &str = "SELECT id, body FROM notes_raw WHERE tenant_id = $1 ORDER BY id LIMIT 10";
const SCAN_FENCED: &str = "SELECT count(*) FROM notes WHERE md5(md5(md5(body))) LIKE 'f%'";
pub(crate) const SCAN: &str =
    "SELECT count(*) FROM notes_raw WHERE tenant_id = $1 AND md5(md5(md5(body))) LIKE 'f%'";
const SLEEP: &str = "SELECT pg_sleep(0.05)";
const LOCK_FENCED: &str = "SELECT 1 FROM notes WHERE id = 1 FOR UPDATE";
const LOCK: &str = "SELECT 1 FROM notes_raw WHERE tenant_id = $1 AND id = 1 FOR UPDATE";

/// A pool.
pub(crate) enum Access {
    Ours(SqlHandle),
    Sqlx(PgPool),
}

type Pending = futures::future::BoxFuture<'static, Access>;

impl Access {
    /// As a service has it, with room for all of the one tenant's requests in the queue.
    pub(crate) fn ours(world: &World) -> Pending {
        Self::with(world, CONNECTIONS)
    }

    /// The same, where one tenant leaves half of the cores to the others.
    pub(crate) fn ours_half(world: &World) -> Pending {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(world, u32::try_from(cores / 2).unwrap().max(1))
    }

    fn with(world: &World, tenant_connections: u32) -> Pending {
        let file = world.secrets.path().join("url");
        std::fs::write(&file, world.runtime_url.expose_secret()).unwrap();
        let locations = BTreeMap::from([("cell-free-1.core".parse().unwrap(), SecretRef::File(file))]);
        let options = PoolOptions {
            max_connections: CONNECTIONS,
            tenant_connections,
            max_waiting: 4_000,
            ..PoolOptions::default()
        };
        let core = Databases::new(locations, options).handle("core".parse().unwrap());
        Box::pin(std::future::ready(Self::Ours(core)))
    }

    /// Without the ping that makes it slower, and as patient as ours.
    pub(crate) fn sqlx(world: &World) -> Pending {
        let url = world.runtime_url.clone();
        Box::pin(async move {
            let options = PgPoolOptions::new()
                .max_connections(CONNECTIONS)
                .test_before_acquire(false)
                .acquire_timeout(PoolOptions::default().acquire_timeout);
            Self::Sqlx(options.connect(url.expose_secret()).await.unwrap())
        })
    }

    /// A light request.
    pub(crate) async fn light(&self, ctx: &TenantContext) -> Sample {
        let started = Instant::now();
        let waited = match self {
            Self::Ours(core) => light(core, ctx).await.ok(),
            Self::Sqlx(pool) => light_raw(pool, ctx, started).await.ok(),
        };
        Sample {
            waited,
            took: started.elapsed(),
        }
    }

    /// One of the one tenant's: a scan, a sleep, a scan, a lock that is held. Whether it was answered.
    pub(crate) async fn heavy(&self, ctx: &TenantContext, number: usize) -> bool {
        match self {
            Self::Ours(core) => heavy(core, ctx, number % 4).await.is_ok(),
            Self::Sqlx(pool) => heavy_raw(pool, ctx, number % 4).await.is_ok(),
        }
    }
}

async fn light(core: &SqlHandle, ctx: &TenantContext) -> Result<Duration> {
    let mut conn = core.read(ctx).await?;
    let waited = conn.waited();
    let rows = sqlx::query(LIGHT_FENCED).fetch_all(&mut conn).await?;
    assert_eq!(rows.len(), 10);
    Ok(waited)
}

async fn light_raw(pool: &PgPool, ctx: &TenantContext, started: Instant) -> sqlx::Result<Duration> {
    let mut conn = pool.acquire().await?;
    let waited = started.elapsed();
    let query = sqlx::query(LIGHT).bind(ctx.tenant_id());
    assert_eq!(query.fetch_all(&mut *conn).await?.len(), 10);
    Ok(waited)
}

async fn heavy(core: &SqlHandle, ctx: &TenantContext, kind: usize) -> Result<()> {
    if kind == 3 {
        let permit: Permit<DataWrite> = Permit::check(ctx)?;
        let mut tx = core.begin(&permit).await?;
        sqlx::query(LOCK_FENCED).execute(&mut tx).await?;
        sqlx::query(SLEEP).execute(&mut tx).await?;
        return tx.commit().await;
    }
    let mut conn = core.read(ctx).await?;
    let text = if kind == 1 { SLEEP } else { SCAN_FENCED };
    sqlx::query(text).execute(&mut conn).await?;
    Ok(())
}

async fn heavy_raw(pool: &PgPool, ctx: &TenantContext, kind: usize) -> sqlx::Result<()> {
    match kind {
        1 => sqlx::query(SLEEP).execute(pool).await.map(drop),
        3 => {
            let mut tx = pool.begin().await?;
            sqlx::query(LOCK).bind(ctx.tenant_id()).execute(&mut *tx).await?;
            sqlx::query(SLEEP).execute(&mut *tx).await?;
            tx.commit().await
        }
        _ => sqlx::query(SCAN)
            .bind(ctx.tenant_id())
            .execute(pool)
            .await
            .map(drop),
    }
}
