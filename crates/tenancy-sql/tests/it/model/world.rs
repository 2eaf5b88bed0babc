//! A way of serving, and what stands between the tenants and the database.

use std::{fmt, time::Duration};

use secrecy::SecretString;
use sqlx::{Executor, postgres::PgConnection};
use tempfile::TempDir;
use tenancy_core::{Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{
    Hygiene, PoolMode, PoolOptions,
    seal::{self, SealKey},
};
use tenancy_testkit::{CountingProxy, Database, PgBouncer, Pooling, Postgres, context, tenant};

use super::tally::Tally;
use crate::support::{Cell, as_superuser, connect, database_of, options};

const KEY: &str = "Mm8hN2zQ4pXw7Rk1Vt6Yb3Jc9Ls5Fd0G";
/// A function that does what it is told, as SQL of an attacker's does past the statement check.
const INJECTED: &str = "CREATE FUNCTION public.injected(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE $1; END $$; \
     GRANT EXECUTE ON FUNCTION public.injected(text) TO PUBLIC";

/// A way of serving.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) name: &'static str,
    mode: PoolMode,
    hygiene: Hygiene,
    pooling: Option<Pooling>,
    pub(super) sealed: bool,
}

const fn way(
    name: &'static str,
    mode: PoolMode,
    hygiene: Hygiene,
    pooling: Option<Pooling>,
    sealed: bool,
) -> Way {
    Way {
        name,
        mode,
        hygiene,
        pooling,
        sealed,
    }
}

/// Each way of serving.
pub(super) const WAYS: [Way; 7] = {
    use Hygiene::{Reset, Strict};
    use PoolMode::{Session, Transaction};
    [
        way("session", Session, Reset, None, false),
        way("session, strict", Session, Strict, None, false),
        way("session, sealed", Session, Strict, None, true),
        way("session, pooler", Session, Reset, Some(Pooling::Session), false),
        way("transaction", Transaction, Reset, None, false),
        way(
            "transaction, pooler",
            Transaction,
            Reset,
            Some(Pooling::Transaction),
            false,
        ),
        way(
            "transaction, strict, pooler",
            Transaction,
            Strict,
            Some(Pooling::Transaction),
            false,
        ),
    ]
};

/// A database, its pool, its tenants, and what breaks.
pub(super) struct World {
    pub(super) way: &'static Way,
    pub(super) size: u32,
    pub(super) cell: Cell,
    pub(super) tenants: Vec<TenantContext>,
    /// In what is stormy.
    pub(super) proxy: Option<CountingProxy>,
    pub(super) tally: Tally,
    _pooler: Option<PgBouncer>,
    _secrets: TempDir,
}

impl World {
    pub(super) async fn new(way: &'static Way, size: u32, stormy: bool, tenants: usize) -> Self {
        let database = database_of(if way.sealed { "soak_sealed" } else { "soak" }).await;
        as_superuser(&database, INJECTED).await;
        let secrets = tempfile::tempdir().unwrap();
        if way.sealed {
            enforce(&database, &secrets).await;
        }
        let server = Postgres::shared().await.unwrap();
        let mut url = database.runtime_url.clone();
        let mut pooler = None;
        if let Some(pooling) = way.pooling {
            // one to cancel with: without it, what is given up can only be closed
            let started = PgBouncer::start_with(server, &database, pooling, size + 1)
                .await
                .unwrap();
            url = pooler.insert(started).url(&url);
        }
        let mut proxy = None;
        if stormy {
            let started = CountingProxy::start(options(&url).get_port()).await.unwrap();
            url = proxy.insert(started).url(&url);
        }
        Self {
            way,
            size,
            cell: Cell::behind(database, &url, way.options(size, &secrets)).await,
            tenants: contexts(tenants).await,
            proxy,
            tally: Tally::default(),
            _pooler: pooler,
            _secrets: secrets,
        }
    }

    /// Whether statements that are prepared by one tenant are not the next one's.
    pub(super) fn closes_statements(&self) -> bool {
        self.way.hygiene == Hygiene::Strict && self.way.mode == PoolMode::Session
    }

    /// Whether the server knows the pool's connections.
    pub(super) fn is_direct(&self) -> bool {
        self.way.pooling.is_none()
    }

    pub(super) async fn superuser(&self) -> PgConnection {
        connect(&self.cell.database.superuser_url).await
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weather = if self.proxy.is_some() { "stormy" } else { "calm" };
        write!(f, "{}, {} connections, {weather}", self.way.name, self.size)
    }
}

impl Way {
    fn options(&self, size: u32, secrets: &TempDir) -> PoolOptions {
        PoolOptions {
            mode: self.mode,
            hygiene: self.hygiene,
            seal: self.sealed.then(|| SecretRef::File(secrets.path().join("seal"))),
            max_connections: size,
            acquire_timeout: Duration::from_secs(20),
            statement_timeout: Duration::from_secs(1),
            ..PoolOptions::default()
        }
    }
}

async fn contexts(tenants: usize) -> Vec<TenantContext> {
    let mut contexts = Vec::new();
    for number in 1..=tenants {
        contexts.push(context(&tenant(&format!("tenant-{number}"), Tier::Free), Role::Owner).await);
    }
    contexts
}

async fn enforce(database: &Database, secrets: &TempDir) {
    std::fs::write(secrets.path().join("seal"), KEY).unwrap();
    let mut owner = connect(&database.owner_url).await;
    let grant = format!(
        "GRANT TEMPORARY ON DATABASE \"{}\" TO \"{}\"",
        database.name, database.owner_role
    );
    let _ = owner.execute(sqlx::AssertSqlSafe(grant)).await;
    let (key, runtime) = (
        SealKey::new(&SecretString::from(KEY)).unwrap(),
        database.runtime_role.parse().unwrap(),
    );
    seal::install(&mut owner, &key, &runtime).await.unwrap();
    seal::enforce(&mut owner).await.unwrap();
}
