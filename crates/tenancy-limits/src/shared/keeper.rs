//! Gives leases back that nobody uses.

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// How many leases are watched at a time. One that is not is counted as used when it ends.
const WATCHED: usize = 65_536;

/// A lease to look at again.
#[derive(Debug)]
pub(crate) struct Due<K> {
    pub(crate) key: K,
    pub(crate) piece: u64,
    pub(crate) at: Instant,
}

/// Where leases are watched. All leases live equally long, so they come to their end in the order in which they came.
pub(crate) struct Keeper<K>(mpsc::Sender<Due<K>>);

impl<K: Send + 'static> Keeper<K> {
    /// Calls `look` for each lease when it is due, until the keeper or what `look` needs is gone.
    pub(crate) fn new(mut look: impl FnMut(K, u64) -> bool + Send + 'static) -> Self {
        let (sender, mut due) = mpsc::channel::<Due<K>>(WATCHED);
        tokio::spawn(async move {
            while let Some(next) = due.recv().await {
                sleep_until(next.at).await;
                if !look(next.key, next.piece) {
                    break;
                }
            }
        });
        Self(sender)
    }

    /// Watches a lease.
    pub(crate) fn watch(&self, due: Due<K>) {
        // when there are too many, this one ends by itself
        let _ = self.0.try_send(due);
    }
}
