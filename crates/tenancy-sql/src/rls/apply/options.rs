//! How gently a plan is executed.

use std::time::Duration;

/// How gently a plan is executed.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// The longest wait for a lock before it is given up and tried again; writers queue behind it for as long. After ten
    /// tries it is twice as long, after twenty four times. Four times it must be below the server's `deadlock_timeout`, so that a
    /// deadlock costs us the try and not a writer its transaction.
    pub lock_wait: Duration,
    /// How often a lock is tried.
    pub attempts: u32,
    /// How long one batch of rows should take: a writer of one of its rows waits as long.
    pub batch: Duration,
    /// The pause after each batch.
    pub pause: Duration,
    /// The longest that a step which stops nobody may take: an index, a check, the end of older transactions.
    pub patience: Duration,
}

impl Default for ApplyOptions {
    /// Locks within 0.2 seconds (0.8 at the most), tried 100 times; batches of 50 milliseconds with pauses of 10; six hours for an index.
    fn default() -> Self {
        Self {
            lock_wait: Duration::from_millis(200),
            attempts: 100,
            batch: Duration::from_millis(50),
            pause: Duration::from_millis(10),
            patience: Duration::from_secs(6 * 3600),
        }
    }
}
