//! All tenants at once, for so many operations.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    act::{Actor, Trouble},
    cut::Cut,
    dice::Dice,
    operation::Operation,
    oracle::Oracle,
    tally::{Count, Tally},
    verdict::verdict,
    weather,
    world::World,
};

/// An operation that takes longer than every bound together is stuck.
const STUCK: Duration = Duration::from_secs(60);

/// How often it is said what was done.
const TELLS: Duration = Duration::from_secs(10);

/// Runs so many operations, until then at most, and looks at what is left.
pub(super) async fn run(world: World, seed: u64, operations: u64, until: Option<Instant>) -> Tally {
    let world = Arc::new(world);
    let left = Arc::new(AtomicU64::new(operations));
    let weather = tokio::spawn(weather::breaks(Arc::clone(&world), Dice::new(seed, 0)));
    let tenants = (1..=world.tenants.len()).map(|number| {
        let (world, left) = (Arc::clone(&world), Arc::clone(&left));
        tokio::spawn(async move { lives(&world, number, Dice::new(seed, number as u64), &left, until).await })
    });
    let all = futures::future::try_join_all(tenants.collect::<Vec<_>>());
    let oracles = telling(&world, all).await.unwrap();
    weather.abort();
    let _ = weather.await;
    if let Some(proxy) = &world.proxy {
        proxy.restore();
    }
    if !world.tally.is_wrong() {
        verdict(&world, &oracles).await;
    }
    let world = Arc::into_inner(world).expect("nobody works any more");
    world.tally
}

/// Says every ten seconds what was done.
async fn telling<T>(world: &World, work: impl Future<Output = T>) -> T {
    let (mut work, start) = (pin!(work), Instant::now());
    let mut told = 0;
    loop {
        if let Ok(done) = tokio::time::timeout(TELLS, &mut work).await {
            return done;
        }
        let done = world.tally.of(Count::Operations);
        let per_s = (done - told) as f64 / TELLS.as_secs_f64();
        println!(
            "  {world}, {:.0} s, {per_s:.0}/s: {}",
            start.elapsed().as_secs_f64(),
            world.tally
        );
        told = done;
    }
}

async fn lives(
    world: &World,
    number: usize,
    mut dice: Dice,
    left: &AtomicU64,
    until: Option<Instant>,
) -> Oracle {
    let mut oracle = Oracle::new(world.tenants[number - 1].tenant_id());
    let one = |left: u64| left.checked_sub(1);
    while !world.tally.is_wrong()
        && until.is_none_or(|until| Instant::now() < until)
        && left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one)
            .is_ok()
    {
        step(world, number, &mut dice, &mut oracle).await;
        world.tally.add(Count::Operations);
    }
    oracle
}

/// One operation, and what is known after it.
async fn step(world: &World, number: usize, dice: &mut Dice, oracle: &mut Oracle) {
    let operation = Operation::roll(dice, (number, world.tenants.len()), oracle, world.way.sealed);
    let commits = AtomicBool::new(false);
    let actor = Actor {
        world,
        ctx: &world.tenants[number - 1],
        number,
        oracle,
        commits: &commits,
    };
    let work = actor.act(&operation);
    let done = async {
        match Cut::roll(dice) {
            Some(cut) => cut.run(work).await,
            None => Some(work.await),
        }
    };
    let Ok(done) = tokio::time::timeout(STUCK, done).await else {
        return world.tally.wrong(format!("stuck: {operation:?} of {number}"));
    };
    if let Some(changes) = operation.commits() {
        match done {
            Some(Ok(_)) => oracle.acknowledged(changes),
            _ if commits.load(Ordering::SeqCst) => {
                oracle.perhaps(changes);
                world.tally.add(Count::Perhaps);
            }
            _ => {}
        }
    }
    match done {
        None => world.tally.add(Count::Cut),
        Some(Ok(count)) => world.tally.add(count),
        Some(Err(Trouble::Wrong(what))) => world
            .tally
            .wrong(format!("tenant {number}: {what}, in {operation:?}")),
        Some(Err(Trouble::Failed(said))) => {
            failed(world, &format!("tenant {number}: {said}, in {operation:?}"))
        }
    }
}

/// What a sealed database says to who destroyed its session's seal, or claims to be another tenant.
const UNSEALED: [&str; 6] = [
    "[TS001]",
    "[TS002]",
    "[42P01]",
    "[42883]",
    "[55000]",
    "closes its connections",
];

/// An error has a cause that is known, or is wrong itself.
fn failed(world: &World, said: &str) {
    let known = said.contains("due to statement timeout")
        || world.proxy.is_some()
        || world.way.sealed && UNSEALED.iter().any(|one| said.contains(one));
    // somebody else's cancellation came late
    if said.contains("due to user request") || !known {
        return world.tally.wrong(said);
    }
    world.tally.add(Count::Failed);
}
