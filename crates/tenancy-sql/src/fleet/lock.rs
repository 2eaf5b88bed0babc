//! One migrator a database.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use tokio::time::{Instant, sleep};

use super::{Class, Failure};

const BETWEEN: Duration = Duration::from_millis(250);

/// Holds the database against other migrators, sqlx's own included, until the session ends.
///
/// It asks again and again and never waits in the server: a session that waits there has a snapshot, and who holds the lock
/// and makes an index CONCURRENTLY would wait for that snapshot for ever.
pub(super) async fn hold(connection: &mut PgConnection, patience: Duration) -> Result<(), Failure> {
    let until = Instant::now() + patience;
    loop {
        if take(connection).await.map_err(|error| Failure::asking(&error))? {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(Failure::new(Class::Busy, ""));
        }
        sleep(BETWEEN).await;
    }
}

async fn take(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let name: String = sqlx::query_scalar("SELECT pg_catalog.current_database()::text")
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query_scalar("SELECT pg_catalog.pg_try_advisory_lock($1)")
        .bind(key(&name))
        .fetch_one(connection)
        .await
}

/// The key that sqlx's migrator locks.
fn key(database: &str) -> i64 {
    0x3d32_ad9e * i64::from(crc32(database.as_bytes()))
}

/// CRC-32 of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
