//! What is left of the pool's throughput while a thousand requests a second are given up in the middle, on the same pool.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that can't go on stops"
)]

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use sqlx::{
    AssertSqlSafe, Connection, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::PgConnection,
};
use tenancy_core::{DataWrite, Permit, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{Databases, PoolOptions, SqlHandle, migrate, rls::TenantTable};
use tenancy_testkit::{Database, Postgres, context, tenant};

const WORKERS: usize = 8;
const ROUNDS: usize = 7;
const TURN: Duration = Duration::from_secs(2);
/// Cancellations a second.
const STORM: u32 = 1_000;
/// Waits after which a request is given up, at most: a read has two or so.
const DEPTHS: u64 = 3;
/// What must be left of the calm throughput.
const LEAST: f64 = 0.5;

/// A turn: requests a second that were served, the time in which 99 of 100 were, and cancellations a second.
struct Turn {
    per_s: f64,
    p99: Duration,
    cancelled_per_s: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let json = std::env::args().any(|argument| argument == "--json");
    let server = Postgres::start().await.unwrap();
    let database = database(&server).await;
    let secrets = tempfile::tempdir().unwrap();
    let file = secrets.path().join("core");
    std::fs::write(&file, database.runtime_url.expose_secret()).unwrap();
    let locations = BTreeMap::from([("cell-free-1.core".parse().unwrap(), SecretRef::File(file))]);
    let core = Databases::new(locations, PoolOptions::default()).handle("core".parse().unwrap());
    turn(&core, false).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push((turn(&core, false).await, turn(&core, true).await));
    }
    server.stop().await.unwrap();
    report(&rounds, json)
}

async fn database(server: &Postgres) -> Database {
    let database = server
        .create_database("bench", "bench_owner", "bench_runtime")
        .await
        .unwrap();
    let mut owner = PgConnection::connect(database.owner_url.expose_secret())
        .await
        .unwrap();
    let notes = TenantTable::new("public", "notes").unwrap();
    let notes = notes.column("id", "uuid NOT NULL").unwrap();
    let notes = notes.column("body", "text NOT NULL").unwrap();
    let text = AssertSqlSafe(notes.key(&["id"]).unwrap().render()).into_sql_str();
    let migration = Migration::new(1, "notes".into(), MigrationType::Simple, text, false);
    let role = database.runtime_role.parse().unwrap();
    migrate(&mut owner, &Migrator::with_migrations(vec![migration]), &role)
        .await
        .unwrap();
    database
}

/// Reads and, one in four, a transaction that writes.
async fn request(core: &SqlHandle, ctx: &TenantContext, number: u64) -> tenancy_core::Result<()> {
    if !number.is_multiple_of(4) {
        let mut conn = core.read(ctx).await?;
        sqlx::query("SELECT id, body FROM notes LIMIT 10")
            .fetch_all(&mut conn)
            .await?;
        return Ok(());
    }
    let permit: Permit<DataWrite> = Permit::check(ctx)?;
    let mut tx = core.begin(&permit).await?;
    let upsert =
        "INSERT INTO notes (id, body) VALUES ($1, 'x') ON CONFLICT (tenant_id, id) DO UPDATE SET body = 'y'";
    let id = uuid::Uuid::from_u128((number % 100).into());
    sqlx::query(upsert).bind(id).execute(&mut tx).await?;
    tx.commit().await
}

async fn contexts(of: &str) -> Vec<TenantContext> {
    let mut contexts = Vec::new();
    for number in 0..WORKERS {
        contexts.push(context(&tenant(&format!("{of}-{number}"), Tier::Free), Role::Owner).await);
    }
    contexts
}

/// Workers that wait for their answers, for one turn; in a storm, beside others that do not.
async fn turn(core: &SqlHandle, storm: bool) -> Turn {
    let until = Instant::now() + TURN;
    let cancelled = Arc::new(AtomicU64::new(0));
    let storming = storm.then(|| tokio::spawn(cancels(core.clone(), Arc::clone(&cancelled), until)));
    let mut workers = Vec::new();
    for ctx in contexts("worker").await {
        let core = core.clone();
        workers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < until {
                let start = Instant::now();
                request(&core, &ctx, times.len() as u64).await.unwrap();
                times.push(start.elapsed());
            }
            times
        }));
    }
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await.unwrap());
    }
    if let Some(storming) = storming {
        storming.await.unwrap();
    }
    times.sort();
    Turn {
        per_s: times.len() as f64 / TURN.as_secs_f64(),
        p99: times[times.len() * 99 / 100],
        cancelled_per_s: cancelled.load(Ordering::Relaxed) as f64 / TURN.as_secs_f64(),
    }
}

/// So many requests a second that are given up, evenly over the time.
async fn cancels(core: SqlHandle, cancelled: Arc<AtomicU64>, until: Instant) {
    let contexts = Arc::new(contexts("storm").await);
    let mut tick = tokio::time::interval(Duration::from_secs(1) / STORM);
    for number in 0.. {
        tick.tick().await;
        if Instant::now() >= until {
            return;
        }
        let (core, contexts, cancelled) = (core.clone(), Arc::clone(&contexts), Arc::clone(&cancelled));
        tokio::spawn(async move {
            let ctx = &contexts[(number % 8) as usize];
            // one that is served before its so-manyth wait is followed by one that is given up earlier
            for depth in (0..=number % DEPTHS).rev() {
                if gives_up(request(&core, ctx, number / 8), depth).await {
                    cancelled.fetch_add(1, Ordering::Relaxed);
                    return;
                }
            }
        });
    }
}

/// Drops `work` at its wait after so many; whether it came so far.
async fn gives_up(work: impl Future<Output = tenancy_core::Result<()>>, mut depth: u64) -> bool {
    let mut work = Box::pin(work);
    std::future::poll_fn(|cx| match (work.as_mut().poll(cx), depth) {
        (Poll::Ready(_), _) => Poll::Ready(false),
        (Poll::Pending, 0) => Poll::Ready(true),
        (Poll::Pending, _) => {
            depth -= 1;
            Poll::Pending
        }
    })
    .await
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn report(rounds: &[(Turn, Turn)], json: bool) -> ExitCode {
    let of = |value: &dyn Fn(&(Turn, Turn)) -> f64| median(rounds.iter().map(value).collect());
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let (calm, storm) = (of(&|round| round.0.per_s), of(&|round| round.1.per_s));
    let (calm_p99, storm_p99) = (of(&|round| micros(round.0.p99)), of(&|round| micros(round.1.p99)));
    let (ratio, cancelled) = (
        of(&|round| round.1.per_s / round.0.per_s),
        of(&|round| round.1.cancelled_per_s),
    );
    match json {
        true => println!(
            "[{{\"case\":\"calm\",\"per_s\":{calm:.0},\"p99_us\":{calm_p99:.0}}},{{\"case\":\"storm\",\"per_s\":{storm:.0},\
             \"p99_us\":{storm_p99:.0},\"ratio\":{ratio:.2},\"baseline\":\"calm\",\"cancelled_per_s\":{cancelled:.0}}}]"
        ),
        false => println!(
            "{WORKERS} workers, {ROUNDS} rounds\ncalm   {calm:.0}/s, p99 {calm_p99:.0} us\nstorm  {storm:.0}/s, p99 \
             {storm_p99:.0} us, {cancelled:.0} cancellations/s, ratio {ratio:.2}"
        ),
    }
    match ratio >= LEAST {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
