//! Demand 10: hostile SQL, past the statement check, against what the database alone defends.

use std::{fmt::Write, sync::Arc};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor, Row, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgConnection, PgRow},
};
use tempfile::TempDir;
use tenancy_core::{Role, SecretRef, TenantContext, Tier, registry::connect_options};
use tenancy_testkit::{Database, Postgres, context, tenant};

use super::{SealKey, enforce, install};
use crate::{
    Hygiene, PoolOptions,
    budget::Budget,
    migrate,
    pool::{Lease, Pool},
    rls::TenantTable,
};

#[path = "../../tests/it/payloads.rs"]
mod payloads;
use payloads::{PAYLOADS, Payload};

const KEY: &str = "Mm8hN2zQ4pXw7Rk1Vt6Yb3Jc9Ls5Fd0G";
const READ: &str = "SELECT body FROM notes";

/// How the payload's SQL comes to run.
#[derive(Clone, Copy, Debug)]
struct Entrance {
    writes: bool,
    simple: bool,
    /// The transaction is ended by the payload first.
    past: bool,
}

fn entrances() -> impl Iterator<Item = Entrance> {
    [(false, false), (true, false), (true, true)]
        .into_iter()
        .flat_map(|(writes, past)| [false, true].map(|simple| Entrance { writes, simple, past }))
}

struct Target {
    pool: Pool,
    database: Database,
    superuser: PgConnection,
    alpha: TenantContext,
    beta: TenantContext,
    sealed: bool,
    _secrets: TempDir,
}

async fn build(database: &Database) {
    let table = TenantTable::new("public", "notes").unwrap();
    let table = table
        .column("id", "uuid NOT NULL DEFAULT gen_random_uuid()")
        .unwrap();
    let table = table
        .column("body", "text NOT NULL")
        .unwrap()
        .key(&["id"])
        .unwrap();
    let text = AssertSqlSafe(table.render()).into_sql_str();
    let notes = Migration::new(1, "notes".into(), MigrationType::Simple, text, false);
    let notes = Migrator::with_migrations(vec![notes]);
    let mut owner = connect_options(&database.owner_url)
        .unwrap()
        .connect()
        .await
        .unwrap();
    let runtime = database.runtime_role.parse().unwrap();
    migrate(&mut owner, &notes, &runtime).await.unwrap();
}

impl Target {
    async fn new(sealed: bool) -> Self {
        let server = Postgres::shared().await.unwrap();
        let database = server.database_from("injection", build).await.unwrap();
        let secrets = tempfile::tempdir().unwrap();
        std::fs::write(secrets.path().join("seal"), KEY).unwrap();
        let mut options = PoolOptions {
            max_connections: 1,
            statement_timeout: std::time::Duration::from_secs(2),
            ..PoolOptions::default()
        };
        if sealed {
            let mut owner = connect_options(&database.owner_url)
                .unwrap()
                .connect()
                .await
                .unwrap();
            let key = SealKey::new(&KEY.into()).unwrap();
            install(&mut owner, &key, &database.runtime_role.parse().unwrap())
                .await
                .unwrap();
            enforce(&mut owner).await.unwrap();
            options.seal = Some(SecretRef::File(secrets.path().join("seal")));
            options.hygiene = Hygiene::Strict;
        }
        let connect = connect_options(&database.runtime_url).unwrap();
        let budget = Arc::new(Budget::new(&options));
        Self {
            pool: Pool::new(
                Arc::new(crate::target::Target::known(connect)),
                Arc::new(options),
                budget,
                0,
            ),
            superuser: connect_options(&database.superuser_url)
                .unwrap()
                .connect()
                .await
                .unwrap(),
            alpha: context(&tenant("alpha", Tier::Free), Role::Owner).await,
            beta: context(&tenant("beta", Tier::Free), Role::Owner).await,
            database,
            sealed,
            _secrets: secrets,
        }
    }

    /// Beta's row is there, and nothing is left of what was tried before: no session either.
    async fn prepare(&mut self) {
        let (beta, role) = (self.beta.tenant_id(), &self.database.runtime_role);
        let text = format!(
            "DELETE FROM notes; INSERT INTO notes (tenant_id, body) VALUES ('{beta}', 'secret'); ALTER ROLE {role} RESET ALL; \
             SELECT lo_unlink(oid) FROM pg_largeobject_metadata; \
             SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{role}' AND datname = current_database()"
        );
        self.superuser.execute(AssertSqlSafe(text)).await.unwrap();
    }

    /// A connection of beta's, opened for it: the ones before were ended.
    async fn fresh(&self) -> Lease {
        match self.pool.read(&self.beta).await {
            Ok(lease) => lease,
            Err(_) => self.pool.read(&self.beta).await.unwrap(),
        }
    }

    /// What beta reads, in a request of its own.
    async fn victim(&self) -> Vec<String> {
        for _ in 0..3 {
            let Ok(mut lease) = self.pool.read(&self.beta).await else {
                continue;
            };
            let query = sqlx::query_scalar(READ);
            if let Ok(read) = query.fetch_all(lease.connection().unwrap()).await {
                return read;
            }
        }
        vec!["nothing: it has no connection".to_owned()]
    }

    async fn proof(&mut self) -> String {
        let last = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%seal_open%' \
                    AND pid <> pg_backend_pid()";
        let text: Option<String> = sqlx::query_scalar(last)
            .fetch_optional(&mut self.superuser)
            .await
            .unwrap();
        let Some(text) = text else {
            assert!(!self.sealed, "no proof is seen, so replaying one proves nothing");
            return "SELECT 1".to_owned();
        };
        let text = &text[text.find("SELECT tenancy.seal_open").unwrap()..];
        text[..text.find(';').unwrap()].to_owned()
    }

    /// One request of alpha's: what it saw. It takes and changes what it can.
    async fn attack(&self, steps: &[&str], proof: &str, entrance: Entrance) -> String {
        let mut seen = String::new();
        let lease = match entrance.writes {
            true => self.pool.begin(&self.alpha).await,
            false => self.pool.read(&self.alpha).await,
        };
        let mut lease = lease.unwrap();
        let beta = self.beta.tenant_id().to_string();
        let plant = format!("INSERT INTO notes (tenant_id, body) VALUES ('{beta}', 'planted')");
        let first = if entrance.past { &["ROLLBACK"][..] } else { &[] };
        let loot = [
            READ,
            "SET default_transaction_read_only = off",
            &plant,
            "UPDATE notes SET body = 'planted'",
        ];
        for step in first.iter().chain(steps).chain(&loot) {
            let step = step.replace("{beta}", &beta).replace("{proof}", proof);
            let step = step
                .replace("{role}", &self.database.runtime_role)
                .replace("{owner}", &self.database.owner_role);
            run(&mut lease, step, entrance.simple, &mut seen).await;
        }
        if entrance.writes {
            run(&mut lease, "COMMIT".to_owned(), true, &mut seen).await;
            lease.transaction_ended();
        }
        seen
    }

    /// What went wrong, if anything did.
    async fn breach(&mut self, payload: &Payload, entrance: Entrance) -> Option<&'static str> {
        self.prepare().await;
        // scoped, and nothing asked yet: the proof is what the session said last
        let scoped = self.fresh().await;
        let proof = self.proof().await;
        drop(scoped);
        // beta's statements are known to the connection
        let _ = self.victim().await;
        let mut seen = self.attack(payload.first, &proof, entrance).await;
        let read = self.victim().await;
        seen += &self.attack(payload.then, &proof, entrance).await;
        let rows = "SELECT string_agg(body, ',') FROM notes WHERE tenant_id = $1";
        let rows = sqlx::query(rows)
            .bind(self.beta.tenant_id().as_uuid())
            .fetch_one(&mut self.superuser)
            .await;
        let rows: Option<String> = rows.unwrap().get(0);
        if seen.contains("secret") {
            Some("read another's row")
        } else if rows.as_deref() != Some("secret") {
            Some("changed another's rows")
        } else if read != ["secret"] {
            Some("changed what another reads")
        } else {
            None
        }
    }
}

/// As a handle does it, but for the look at the text.
async fn run(lease: &mut Lease, text: String, simple: bool, seen: &mut String) {
    let (connection, mut watch) = lease.lend().unwrap();
    let text = AssertSqlSafe(text);
    let rows = match simple {
        true => sqlx::raw_sql(text).fetch_all(connection).await,
        false => sqlx::query(text).fetch_all(connection).await,
    };
    watch.ended(rows.as_ref().err());
    for row in rows.into_iter().flatten() {
        note(&row, seen);
    }
}

fn note(row: &PgRow, seen: &mut String) {
    for at in 0..row.len() {
        if let Ok(bytes) = row.try_get_raw(at).unwrap().as_bytes() {
            let _ = writeln!(seen, "{}", String::from_utf8_lossy(bytes));
        }
    }
}

/// The first thing that went wrong with `payload`, and how it came in.
async fn first_breach(target: &mut Target, payload: &Payload) -> Option<(Entrance, &'static str)> {
    for entrance in entrances() {
        if let Some(what) = target.breach(payload, entrance).await {
            return Some((entrance, what));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_sql_reaches_no_other_tenant() {
    let mut target = Target::new(true).await;
    let mut breaches = Vec::new();
    for payload in PAYLOADS {
        let breach = first_breach(&mut target, payload).await;
        breaches.extend(breach.map(|breach| (payload.name, breach)));
    }
    assert!(breaches.is_empty(), "{breaches:?}");
    assert!(PAYLOADS.len() >= 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_seal_and_strict_hygiene_it_does() {
    let mut target = Target::new(false).await;
    println!("| payload | without the seal, `Hygiene::Reset` | what it could do |\n|---|---|---|");
    let mut wrong = Vec::new();
    for payload in PAYLOADS {
        let breach = first_breach(&mut target, payload).await;
        let what = breach.map_or("nothing", |(_, what)| what);
        println!("| {} | {what} | {} |", payload.name, payload.could);
        if breach.is_some() != payload.works_unsealed {
            wrong.push((payload.name, breach));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
