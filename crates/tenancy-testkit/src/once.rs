//! What every replay guard and every ledger of jobs has to do, whoever remembers: for ours and for an adopter's.

use std::{fmt::Debug, time::Duration};

use futures::future::join_all;
use jiff::Timestamp;
use tenancy_core::{JobLedger, JobTurn, ProofId, ReplayGuard, Result, TenantId, Turn};
use tokio::time::sleep;
use uuid::Uuid;

const HOUR: Duration = Duration::from_secs(3600);
/// A lease that ends while the suite waits.
const SHORT: Duration = Duration::from_millis(300);
/// How many ask for the same at the same time.
const CROWD: usize = 32;

/// A guard is a guard when it says `Ok`; else what it did wrong. `replicas` are its handles in several processes, or one handle
/// twice. It needs a runtime with a clock, which may be paused.
///
/// # Errors
///
/// The first thing that it did wrong.
pub async fn check_replay_guard(replicas: [&dyn ReplayGuard; 2]) -> Result<(), String> {
    let [a, b] = replicas;
    let from = Timestamp::now();
    let until = from.saturating_add(HOUR).map_err(|e| e.to_string())?;
    let proof = proof("trips");
    same("a first use", a.first_use(&proof, from, until).await, true)?;
    same("a second use", a.first_use(&proof, from, until).await, false)?;
    same("a use elsewhere", b.first_use(&proof, from, until).await, false)?;
    for (what, other) in others(&proof) {
        same(what, b.first_use(&other, from, until).await, true)?;
    }
    let crowded = ProofId {
        id: Uuid::now_v7(),
        ..proof.clone()
    };
    let crowd = [a, b].into_iter().cycle().take(CROWD);
    let crowd = join_all(crowd.map(|guard| guard.first_use(&crowded, from, until))).await;
    let taken = crowd
        .into_iter()
        .filter(|first| matches!(first, Ok(true)))
        .count();
    same("of a crowd, who is first", Ok(taken), 1)?;
    // one that ends soon is no reason to forget one that does not
    let soon = ProofId {
        id: Uuid::now_v7(),
        ..proof.clone()
    };
    let end = from.saturating_add(SHORT).map_err(|e| e.to_string())?;
    same("a short one", a.first_use(&soon, from, end).await, true)?;
    sleep(SHORT * 2).await;
    same(
        "the long one afterwards",
        b.first_use(&proof, from, until).await,
        false,
    )
}

/// The same for a ledger of jobs.
///
/// # Errors
///
/// The first thing that it did wrong.
pub async fn check_job_ledger(workers: [&dyn JobLedger; 2]) -> Result<(), String> {
    turns(workers).await?;
    crashes(workers).await?;
    let [a, b] = workers;
    let (job, until) = (proof("trips"), in_an_hour()?);
    let crowd = [a, b].into_iter().cycle().take(CROWD);
    let crowd = join_all(crowd.map(|ledger| ledger.begin(&job, HOUR, until))).await;
    let given = crowd
        .into_iter()
        .filter(|turn| matches!(turn, Ok(JobTurn::Yours(_))))
        .count();
    same("of a crowd, who has the turn", Ok(given), 1)?;
    // a ledger that has lost its memory in between is told that it was done
    let lost = proof("trips");
    same(
        "one that it does not know",
        a.done(&lost, Turn::new(), until).await,
        false,
    )?;
    same("the same again", b.begin(&lost, HOUR, until).await, JobTurn::Done)
}

async fn turns([a, b]: [&dyn JobLedger; 2]) -> Result<(), String> {
    let (job, until) = (proof("trips"), in_an_hour()?);
    let first = given(a.begin(&job, HOUR, until).await)?;
    same(
        "a turn that is taken",
        b.begin(&job, HOUR, until).await,
        JobTurn::Taken,
    )?;
    same(
        "given back by a stranger",
        b.give_back(&job, Turn::new()).await,
        (),
    )?;
    same(
        "a turn that is still taken",
        b.begin(&job, HOUR, until).await,
        JobTurn::Taken,
    )?;
    same("given back", a.give_back(&job, first).await, ())?;
    let second = given(b.begin(&job, HOUR, until).await)?;
    same("given back twice", a.give_back(&job, first).await, ())?;
    same(
        "the turn of the next",
        a.begin(&job, HOUR, until).await,
        JobTurn::Taken,
    )?;
    same("done", b.done(&job, second, until).await, true)?;
    same(
        "a job that was done",
        a.begin(&job, HOUR, until).await,
        JobTurn::Done,
    )?;
    same(
        "given back after it was done",
        b.give_back(&job, second).await,
        (),
    )?;
    same(
        "a job that stays done",
        a.begin(&job, HOUR, until).await,
        JobTurn::Done,
    )?;
    for (what, other) in others(&job) {
        given(b.begin(&other, HOUR, until).await).map_err(|why| format!("{what}: {why}"))?;
    }
    Ok(())
}

async fn crashes([a, b]: [&dyn JobLedger; 2]) -> Result<(), String> {
    let (job, until) = (proof("trips"), in_an_hour()?);
    let slept = given(a.begin(&job, SHORT, until).await)?;
    sleep(SHORT * 2).await;
    let next = given(b.begin(&job, HOUR, until).await)?;
    same("given back too late", a.give_back(&job, slept).await, ())?;
    same(
        "the turn of the next",
        a.begin(&job, HOUR, until).await,
        JobTurn::Taken,
    )?;
    same("done too late", a.done(&job, slept, until).await, false)?;
    same(
        "what was done, late or not",
        b.begin(&job, HOUR, until).await,
        JobTurn::Done,
    )?;
    same("given back by the next", b.give_back(&job, next).await, ())?;
    same("what stays done", a.begin(&job, HOUR, until).await, JobTurn::Done)
}

fn proof(issuer: &str) -> ProofId {
    #[expect(clippy::unwrap_used, reason = "the names are the suite's own")]
    let issuer = issuer.parse().unwrap();
    ProofId {
        tenant: TenantId::new(),
        issuer,
        id: Uuid::now_v7(),
    }
}

/// Proofs that differ in one thing.
fn others(of: &ProofId) -> [(&'static str, ProofId); 3] {
    [
        (
            "another tenant's",
            ProofId {
                tenant: TenantId::new(),
                ..of.clone()
            },
        ),
        (
            "another issuer's",
            ProofId {
                issuer: proof("social").issuer,
                ..of.clone()
            },
        ),
        (
            "another one",
            ProofId {
                id: Uuid::now_v7(),
                ..of.clone()
            },
        ),
    ]
}

fn in_an_hour() -> Result<Timestamp, String> {
    Timestamp::now().saturating_add(HOUR).map_err(|e| e.to_string())
}

fn given(turn: Result<JobTurn>) -> Result<Turn, String> {
    match turn {
        Ok(JobTurn::Yours(turn)) => Ok(turn),
        other => Err(format!("a turn that is free: {other:?}")),
    }
}

fn same<T: PartialEq + Debug>(what: &str, said: Result<T>, expect: T) -> Result<(), String> {
    match said {
        Ok(said) if said == expect => Ok(()),
        other => Err(format!("{what}: {other:?} instead of {expect:?}")),
    }
}
