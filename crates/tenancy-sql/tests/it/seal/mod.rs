//! A sealed cell: SQL in a session can't become another tenant.

mod key;

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Executor, Row, postgres::PgConnection};
use tempfile::TempDir;
use tenancy_core::{SecretRef, TenantContext};
use tenancy_sql::{
    Hygiene, PoolMode, PoolOptions,
    seal::{self, SealError, SealKey},
};
use tenancy_testkit::{CountingProxy, Database, Postgres};

use crate::support::{Cell, as_superuser, connect, database_of, permit};

const FIRST: &str = "Mm8hN2zQ4pXw7Rk1Vt6Yb3Jc9Ls5Fd0G";
const SECOND: &str = "q7Kx2Tn9Wb4Zf6Hm1Rv8Cy3Pj5Ld0SaE";

fn key(text: &str) -> SealKey {
    SealKey::new(&SecretString::from(text)).unwrap()
}

/// A function that does what it is told, as SQL of an attacker's does past the statement check.
const INJECTED: &str = "CREATE FUNCTION public.injected(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE $1; END $$; \
     CREATE FUNCTION public.injected_ask(text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE r text; BEGIN EXECUTE $1 INTO r; RETURN r; END $$; \
     GRANT EXECUTE ON FUNCTION public.injected(text), public.injected_ask(text) TO PUBLIC";

/// A cell with the seal enforced and one connection, and where its key is.
pub(crate) struct Sealed {
    pub(crate) cell: Cell,
    secrets: TempDir,
}

fn options(secrets: &TempDir) -> PoolOptions {
    PoolOptions {
        seal: Some(SecretRef::File(secrets.path().join("seal"))),
        hygiene: Hygiene::Strict,
        max_connections: 1,
        ..PoolOptions::default()
    }
}

async fn sealed_database() -> Database {
    let database = database_of("sealed").await;
    seal_it(&database).await;
    database
}

async fn seal_it(database: &Database) {
    let mut owner = connect(&database.owner_url).await;
    let runtime = database.runtime_role.parse().unwrap();
    seal::install(&mut owner, &key(FIRST), &runtime).await.unwrap();
    seal::enforce(&mut owner).await.unwrap();
    as_superuser(database, INJECTED).await;
}

fn secrets() -> TempDir {
    let secrets = tempfile::tempdir().unwrap();
    std::fs::write(secrets.path().join("seal"), FIRST).unwrap();
    secrets
}

impl Sealed {
    pub(crate) async fn new() -> Self {
        let database = sealed_database().await;
        let url = database.runtime_url.clone();
        Self::behind(database, &url).await
    }

    async fn behind(database: Database, url: &SecretString) -> Self {
        let secrets = secrets();
        let cell = Cell::behind(database, url, options(&secrets)).await;
        Self { cell, secrets }
    }

    /// What a transaction of `ctx` hears when it asks for `value` after having run `injected`.
    async fn injected(
        &self,
        ctx: &TenantContext,
        injected: &str,
        value: &str,
    ) -> Result<String, sqlx::Error> {
        let mut tx = self.cell.core.begin(&permit(ctx)).await.unwrap();
        let run = sqlx::query("SELECT public.injected($1)").bind(injected.to_owned());
        run.execute(&mut tx).await?;
        let ask = AssertSqlSafe(format!("SELECT ({value})::text"));
        let row = sqlx::query(ask).fetch_one(&mut tx).await?;
        row.try_get(0)
    }
}

const BODIES: &str = "SELECT coalesce(string_agg(body, ','), '') FROM notes";

fn code(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    code.map(|code| code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_sealed_cell_serves() {
    let sealed = Sealed::new().await;
    let cell = &sealed.cell;
    cell.databases.verify().await.unwrap();
    for ctx in [&cell.alpha, &cell.beta, &cell.alpha] {
        cell.write(ctx, ctx.tenant_id().to_string().as_str()).await;
        assert!(!cell.bodies(ctx).await.is_empty());
    }
    let (alpha, beta) = (
        cell.alpha.tenant_id().to_string(),
        cell.beta.tenant_id().to_string(),
    );
    for _ in 0..2 {
        assert_eq!(cell.bodies(&cell.alpha).await, [alpha.clone(), alpha.clone()]);
        assert_eq!(cell.bodies(&cell.alpha).await, [alpha.clone(), alpha.clone()]);
        assert_eq!(cell.bodies(&cell.beta).await, std::slice::from_ref(&beta));
    }
    // a transaction that is rolled back, between reads of another tenant
    let tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(cell.bodies(&cell.beta).await, [beta]);
}

#[tokio::test]
async fn a_forged_setting_reads_and_writes_nothing() {
    let sealed = Sealed::new().await;
    let cell = &sealed.cell;
    cell.write(&cell.beta, "secret").await;
    let beta = cell.beta.tenant_id();
    for local in [true, false] {
        let forge = format!("SELECT set_config('app.current_tenant', '{beta}', {local})");
        let error = sealed.injected(&cell.alpha, &forge, BODIES).await.unwrap_err();
        assert_eq!(code(&error), "TS001", "{error}");
    }
    // one transaction that commits what it forged, and the next request of the same tenant on the same connection
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let forge = format!("SELECT set_config('app.current_tenant', '{beta}', false)");
    let run = sqlx::query("SELECT public.injected($1)").bind(forge);
    run.execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(cell.bodies(&cell.alpha).await, Vec::<String>::new());
    let without = "SELECT set_config('app.current_tenant', '', false)";
    assert!(sealed.injected(&cell.alpha, without, BODIES).await.is_err());
    assert_eq!(cell.bodies(&cell.beta).await, ["secret"]);
}

#[tokio::test]
async fn a_forged_setting_of_a_session_that_reads_is_an_error_once() {
    let sealed = Sealed::new().await;
    let cell = &sealed.cell;
    cell.write(&cell.beta, "secret").await;
    let forge = format!(
        "SELECT set_config('app.current_tenant', '{}', false)",
        cell.beta.tenant_id()
    );
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    let run = sqlx::query("SELECT public.injected($1)").bind(forge);
    run.execute(&mut conn).await.unwrap();
    drop(conn);
    // the hit: the pool remembers alpha, the session says beta, the seal says alpha
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    let error = sqlx::query(BODIES).fetch_one(&mut conn).await.unwrap_err();
    assert_eq!(code(&error), "TS001", "{error}");
    drop(conn);
    assert_eq!(cell.bodies(&cell.alpha).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_destroyed_seal_fails_closed_and_the_connection_is_replaced() {
    let sealed = Sealed::new().await;
    let cell = &sealed.cell;
    cell.write(&cell.alpha, "mine").await;
    cell.write(&cell.beta, "secret").await;
    for destroy in [
        "DISCARD TEMP",
        "DISCARD SEQUENCES",
        "DISCARD TEMP; SELECT tenancy.seal_hello()",
    ] {
        let error = sealed.injected(&cell.alpha, destroy, BODIES).await.unwrap_err();
        assert!(
            ["42P01", "55000"].contains(&code(&error).as_str()),
            "{destroy}: {error}"
        );
        assert_eq!(cell.bodies(&cell.alpha).await, ["mine"], "{destroy}");
        let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
        let run = sqlx::query("SELECT public.injected($1)").bind(destroy);
        run.execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(cell.bodies(&cell.beta).await, ["secret"], "{destroy}");
    }
}

/// The statement that sealed a session, as `pg_stat_activity` and the server's log show it.
async fn proof_of(database: &Database) -> String {
    let mut superuser = connect(&database.superuser_url).await;
    let text: String = sqlx::query_scalar(
        "SELECT query FROM pg_stat_activity WHERE datname = $1 AND query LIKE '%seal_open%' AND pid <> pg_backend_pid()",
    )
    .bind(&database.name)
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    let from = text.find("SELECT tenancy.seal_open").unwrap();
    let text = &text[from..];
    text[..text.find(';').unwrap()].to_owned()
}

#[tokio::test]
async fn a_proof_is_good_once_and_for_one_session() {
    let sealed = Sealed::new().await;
    let cell = &sealed.cell;
    cell.write(&cell.beta, "secret").await;
    cell.write(&cell.alpha, "mine").await;
    // a read of beta's, whose scoping is the last thing its session said
    drop(cell.core.read(&cell.beta).await.unwrap());
    let proof = proof_of(&cell.database).await;
    assert!(proof.contains(&cell.beta.tenant_id().to_string()), "{proof}");
    let tenant = format!(
        "SELECT set_config('app.current_tenant', '{}', false)",
        cell.beta.tenant_id()
    );
    // of the same session, by another tenant, in a transaction and after one that was rolled back
    let error = sealed
        .injected(&cell.alpha, &format!("{tenant}; {proof}"), BODIES)
        .await
        .unwrap_err();
    assert_eq!(code(&error), "TS001", "{error}");
    // of another session, which said hello
    let mut other = connect(&cell.database.runtime_url).await;
    other.execute("SELECT * FROM tenancy.seal_hello()").await.unwrap();
    other.execute(AssertSqlSafe(tenant)).await.unwrap();
    let error = other.execute(AssertSqlSafe(proof)).await.unwrap_err();
    assert_eq!(code(&error), "TS001", "{error}");
    assert!(other.execute(BODIES).await.is_err());
}

#[tokio::test]
async fn a_challenge_comes_once() {
    let database = sealed_database().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let mut session = connect(&database.runtime_url).await;
        let row = session
            .fetch_one("SELECT challenge, next FROM tenancy.seal_hello()")
            .await
            .unwrap();
        // neither of its two numbers comes twice, and one session has one challenge
        assert!(seen.insert(row.get::<i64, _>(0)) && seen.insert(row.get::<i64, _>(1)));
        let again = session
            .fetch_one("SELECT challenge FROM tenancy.seal_hello()")
            .await
            .unwrap();
        assert_eq!(again.get::<i64, _>(0), row.get::<i64, _>(0));
    }
}

#[tokio::test]
async fn what_was_used_up_stays_so_when_a_transaction_is_rolled_back() {
    let database = sealed_database().await;
    let secrets = secrets();
    let url = database.runtime_url.clone();
    let cell = Cell::behind(database, &url, options(&secrets)).await;
    cell.write(&cell.beta, "secret").await;
    drop(cell.core.read(&cell.alpha).await.unwrap());
    let tx = cell.core.begin(&permit(&cell.beta)).await.unwrap();
    let proof = proof_of(&cell.database).await;
    assert!(proof.contains(&cell.beta.tenant_id().to_string()), "{proof}");
    tx.rollback().await.unwrap();
    let replay = format!("SELECT public.injected($x${proof}$x$)");
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let error = sqlx::query(AssertSqlSafe(replay))
        .execute(&mut tx)
        .await
        .unwrap_err();
    assert_eq!(code(&error), "TS001", "{error}");
}

#[tokio::test]
async fn a_role_that_makes_temporary_objects_is_not_greeted() {
    let sealed = Sealed::new().await;
    let database = &sealed.cell.database;
    let cell = &sealed.cell;
    drop(cell.core.read(&cell.alpha).await.unwrap());
    let temporary = format!("GRANT TEMPORARY ON DATABASE \"{}\" TO PUBLIC", database.name);
    as_superuser(database, &temporary).await;
    let error = cell.core.read(&cell.beta).await.unwrap_err();
    assert_eq!(error.kind(), tenancy_core::Kind::Unavailable);
    assert!(sealed.cell.databases.verify().await.is_err());
}

#[tokio::test]
async fn a_pooler_that_hands_sessions_around_is_refused() {
    let secrets = secrets();
    let options = PoolOptions {
        mode: PoolMode::Transaction,
        ..options(&secrets)
    };
    let cell = Cell::with(options).await;
    assert!(cell.core.read(&cell.alpha).await.is_err());
    let refused = cell.databases.verify().await.unwrap_err().to_string();
    assert!(refused.contains("pooler in transaction mode"), "{refused}");
}

#[tokio::test]
async fn a_hit_is_one_round_trip_and_a_miss_two() {
    let database = sealed_database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let url = proxy.url(&database.runtime_url);
    let secrets = secrets();
    let options = PoolOptions {
        hygiene: Hygiene::Reset,
        ..options(&secrets)
    };
    let cell = Cell::behind(database, &url, options).await;
    let read = async |ctx: &TenantContext| {
        let mut conn = cell.core.read(ctx).await.unwrap();
        sqlx::query("SELECT count(*) FROM notes")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    };
    for (ctx, expect, what) in [
        (&cell.alpha, None, "a new connection"),
        (&cell.alpha, Some(1), "a hit"),
        (&cell.beta, Some(2), "a miss"),
        (&cell.alpha, Some(2), "a miss back"),
    ] {
        proxy.reset();
        read(ctx).await;
        if let Some(expect) = expect {
            assert_eq!(proxy.round_trips(), expect, "{what}");
        }
    }
    proxy.reset();
    let mut tx = cell.core.begin(&permit(&cell.beta)).await.unwrap();
    sqlx::query("SELECT count(*) FROM notes")
        .fetch_one(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        proxy.round_trips(),
        3,
        "a transaction of one statement, after another tenant"
    );
}
