//! Many tenants write, read, fail, attack and give up at any point, and what is between them and the database breaks: each
//! sees what it wrote and nothing else, what was acknowledged stays, and every connection comes back.
//!
//! What each may find is in an [`oracle`] in memory; what a [`cut`] commit did is unknown to it until the key is written
//! again. The tenants use the same ids, and each value says whose it is. The dice decide what is done, the scheduler in which
//! order: a seed makes a run alike, not equal.
//!
//! `cargo xtask soak sql` runs the long form, with 50 tenants in each way of serving, with 1 to 4 connections.

mod act;
mod cut;
mod dice;
mod hostile;
mod operation;
mod oracle;
mod run;
mod soak;
mod tally;
mod verdict;
mod weather;
mod world;

use self::{
    run::run,
    world::{WAYS, World},
};

/// The short form: each way of serving, with another number of connections each.
async fn short(stormy: bool, operations: u64) {
    let seed = dice::seed(1);
    println!("TENANCY_SOAK_SEED={seed}");
    for (number, way) in (0..).zip(&WAYS) {
        let size = 1 + (number + 2 * u32::from(stormy)) % 4;
        let world = World::new(way, size, stormy, 8).await;
        let name = world.to_string();
        let tally = run(world, seed.wrapping_add(number.into()), operations, None).await;
        println!("{name}: {tally}");
        tally.assert_right();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_tenant_sees_what_it_wrote_and_nothing_else() {
    short(false, 300).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_tenant_sees_what_it_wrote_while_connections_break() {
    short(true, 150).await;
}
