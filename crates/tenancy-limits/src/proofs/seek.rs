//! Looks for Redis whenever a call failed.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{sleep, timeout};

use super::store::Inner;

/// The shortest and the longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Makes a new connection after each failure, until nobody asks any more. Calls keep the old one until there is a new one: a
/// slow answer is no reason to refuse everybody.
pub(super) async fn seek(proofs: Weak<Inner>) {
    while let Some(this) = proofs.upgrade() {
        // wakes now and then to see whether it is still needed
        if timeout(PAUSES.1, this.lost.notified()).await.is_ok() {
            drop(this);
            find(&proofs).await;
            sleep(PAUSES.0).await;
        }
    }
}

async fn find(proofs: &Weak<Inner>) {
    let mut pause = PAUSES.0;
    while let Some(this) = proofs.upgrade() {
        match this.connect().await {
            Ok(()) => {
                tracing::info!("the store of shared proofs is connected");
                return;
            }
            Err(why) if pause == PAUSES.0 => tracing::warn!(
                %why,
                "the store of shared proofs is away: calls between services and jobs are refused"
            ),
            Err(_) => {}
        }
        drop::<Arc<_>>(this);
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}
