//! Breaks what is between the tenants and the database.

use std::{sync::Arc, time::Duration};

use super::{dice::Dice, tally::Count, world::World};

const KILL: &str = "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
    WHERE datname = $1 AND usename = $2 ORDER BY random() LIMIT $3) x";

/// Breaks something now and then, for ever, in what is stormy: sessions are killed, one connection ends in the middle of a
/// message, all of them end, or the line falls silent.
pub(super) async fn breaks(world: Arc<World>, mut dice: Dice) {
    let Some(proxy) = &world.proxy else { return };
    let mut superuser = world.superuser().await;
    loop {
        tokio::time::sleep(Duration::from_millis(100 + dice.below(1_000))).await;
        world.tally.add(Count::Broken);
        match dice.below(20) {
            0..7 => {
                let database = &world.cell.database;
                let kill = sqlx::query(KILL)
                    .bind(&database.name)
                    .bind(&database.runtime_role);
                let most: i64 = if dice.one_in(4) { 100 } else { 1 };
                kill.bind(most).execute(&mut superuser).await.unwrap();
            }
            7..14 => proxy.break_one_after(dice.below(3_000)),
            14..17 => {
                proxy.cut();
                tokio::time::sleep(Duration::from_millis(dice.below(40))).await;
                proxy.restore();
            }
            17 if dice.one_in(5) => {
                // for longer than an answer is waited for
                proxy.silence();
                tokio::time::sleep(Duration::from_millis(3_500)).await;
                proxy.restore();
            }
            _ => {
                proxy.silence();
                tokio::time::sleep(Duration::from_millis(dice.below(200))).await;
                proxy.restore();
            }
        }
    }
}
