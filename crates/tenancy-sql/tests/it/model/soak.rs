//! The long form.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};

use super::{
    dice,
    run::run,
    tally::{Count, Tally},
    world::{WAYS, World},
};

const TENANTS: usize = 50;
const SIZES: std::ops::RangeInclusive<u32> = 1..=4;
/// How many ways serve at a time: few connections leave the cores idle most of the time.
const AT_ONCE: usize = 4;

fn number(name: &str) -> Option<u64> {
    let named = std::env::var(name).ok()?;
    Some(named.parse().unwrap_or_else(|_| panic!("`{name}` is a number")))
}

/// Each way of serving with 1 to 4 connections, calm and stormy. `TENANCY_SOAK_OPERATIONS`, `TENANCY_SOAK_MINUTES` and
/// `TENANCY_SOAK_SEED` say how many, for how long at most, and which.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes an hour: `cargo xtask soak sql`"]
async fn soak_of_each_way_to_serve() {
    let operations = number("TENANCY_SOAK_OPERATIONS").unwrap_or(1_000_000);
    let minutes = number("TENANCY_SOAK_MINUTES");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = dice::seed(now.map_or(1, |now| now.as_secs()));
    println!("TENANCY_SOAK_SEED={seed}");
    let ways: Vec<_> = WAYS
        .iter()
        .flat_map(|way| SIZES.flat_map(move |size| [(way, size, false), (way, size, true)]))
        .collect();
    let (start, all) = (Instant::now(), Tally::default());
    let runs = u32::try_from(ways.len()).unwrap();
    let each = |(at, (way, size, stormy)): (u32, _)| async move {
        // a storm takes longer for fewer
        let share = if stormy { 2 } else { 8 };
        let each = (operations * share).div_ceil(5 * u64::from(runs));
        let until = minutes.map(|minutes| start + Duration::from_secs(60 * minutes) * (at + 1) / runs);
        let world = World::new(way, size, stormy, TENANTS).await;
        let (began, name) = (Instant::now(), world.to_string());
        let tally = run(world, seed.wrapping_add(at.into()), each, until).await;
        let per_s = tally.of(Count::Operations) as f64 / began.elapsed().as_secs_f64();
        println!("{}/{runs} {name}: {per_s:.0}/s, {tally}", at + 1);
        tally
    };
    let mut tallies = stream::iter((0..).zip(ways).map(each)).buffer_unordered(AT_ONCE);
    while let Some(tally) = tallies.next().await {
        all.absorb(&tally);
        all.assert_right();
    }
    println!(
        "all, in {:.0} s, TENANCY_SOAK_SEED={seed}: {all}",
        start.elapsed().as_secs_f64()
    );
}
