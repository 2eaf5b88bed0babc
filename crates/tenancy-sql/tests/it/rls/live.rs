//! From a plain schema to a fenced one, with no writer refused.

use std::time::{Duration, Instant};

use sqlx::Executor;
use tenancy_sql::{
    PoolOptions,
    rls::{Phase, Plan},
};

use super::{
    oracle::{expected, seen, total},
    shop::{declared, fence, shop},
    writers::{Style, Writers, tenant_of},
};
use crate::support::{connect, databases};

/// The accounts that nobody writes to meanwhile.
const CALM: std::ops::RangeInclusive<i64> = 6..=10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_is_fenced_while_it_is_written() {
    // some 200,000 rows; more of them by hand
    let customers = std::env::var("TENANCY_TEST_CUSTOMERS").map_or(6_000, |it| it.parse().unwrap());
    let begun = Instant::now();
    let database = shop("rls_live", customers).await;
    let declared = declared(&database);
    let rows = total(&database).await;
    let before = expected(&database).await;
    println!("{rows} rows after {:?}", begun.elapsed());

    let old = Writers::start(&database.owner_url, Style::Before, 1..=3);
    for phase in [Phase::Prepare, Phase::Backfill, Phase::Validate, Phase::Admit] {
        let begun = Instant::now();
        let report = fence(&database, &declared, phase).await.unwrap();
        println!("{phase} in {:?}\n{report}", begun.elapsed());
    }
    // both kinds of instances run for a while
    let new = Writers::start(&database.runtime_url, Style::After, 4..=5);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let old = old.stop().await;
    let begun = Instant::now();
    let report = fence(&database, &declared, Phase::Enforce).await.unwrap();
    println!("enforce in {:?}\n{report}", begun.elapsed());
    let new = new.stop().await;
    println!("writers before: {old:?}\nwriters after: {new:?}");
    assert!(old.rounds > 0 && new.rounds > 0);

    let seen = seen(&database).await;
    assert_eq!(
        seen,
        expected(&database).await,
        "each tenant sees exactly its rows"
    );
    let calm = |(table, tenant): &(&str, uuid::Uuid)| {
        let _ = table;
        CALM.map(tenant_of).any(|it| it == *tenant)
    };
    let (mut calm_before, mut calm_after) = (before, seen);
    calm_before.retain(|key, _| calm(key));
    calm_after.retain(|key, _| calm(key));
    assert_eq!(calm_after, calm_before, "and those that were there before");

    let mut owner = connect(&database.owner_url).await;
    let plan = Plan::new(&mut owner, &declared).await.unwrap();
    assert_eq!(plan.pending(Phase::Enforce).count(), 0, "{plan}");
    assert!(
        owner.fetch_all("SELECT * FROM users").await.is_err(),
        "the owner is fenced too"
    );
    assert_eq!(findings(&database).await, Vec::<String>::new());
}

/// What the boot check finds, as the role that serves.
pub(super) async fn findings(database: &tenancy_testkit::Database) -> Vec<String> {
    let (databases, _secrets) = databases(&database.runtime_url, PoolOptions::default());
    let Err(refusal) = databases.verify().await else {
        return vec![];
    };
    refusal.findings().iter().map(ToString::to_string).collect()
}
