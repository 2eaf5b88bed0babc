//! Hears of changes in the registry.

use std::{sync::Arc, time::Duration};

use sqlx::postgres::PgListener;
use tokio::task::JoinHandle;

use super::RegistryClient;
use crate::{
    Freshness,
    directory::{ChangeFollower, Nudge},
};

/// The channel on which the registry announces changes. A payload is an opaque version and never data.
pub const CHANNEL: &str = "tenancy_registry";

const RECONNECT: Duration = Duration::from_millis(500);

/// Follows the registry's changes, pushed by its notifications, and tells a process's caches; until it is dropped.
///
/// # Guarantees
///
/// A change is known of within milliseconds of its notification, and within a second and a round trip without: the feed
/// is asked then in any case, and says which tenants changed. When the connection for notifications is lost or back, the
/// feed is asked at once.
#[derive(Debug)]
pub struct ChangeListener {
    push: JoinHandle<()>,
    _follower: ChangeFollower,
}

impl ChangeListener {
    /// Starts to listen, on the current tokio runtime.
    #[must_use]
    pub fn spawn(registry: &RegistryClient, freshness: Freshness) -> Self {
        let nudge = Nudge::default();
        let feed = Arc::new(registry.clone());
        let follower = ChangeFollower::spawn(feed, nudge.clone(), freshness);
        let registry = registry.clone();
        Self {
            push: tokio::spawn(async move { listen(&registry, &nudge).await }),
            _follower: follower,
        }
    }
}

impl Drop for ChangeListener {
    fn drop(&mut self) {
        self.push.abort();
    }
}

async fn listen(registry: &RegistryClient, nudge: &Nudge) {
    let mut lost = false;
    loop {
        let ended = hear(registry, nudge, &mut lost).await;
        if !lost {
            let why = ended
                .err()
                .map_or_else(|| "the connection ended".to_owned(), |e| e.to_string());
            tracing::warn!(
                why,
                "the registry's notifications are lost: its changes are asked for each second"
            );
        }
        lost = true;
        nudge.now();
        tokio::time::sleep(RECONNECT).await;
    }
}

/// Returns when the connection is lost.
async fn hear(registry: &RegistryClient, nudge: &Nudge, lost: &mut bool) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(registry.pool()).await?;
    listener.listen(CHANNEL).await?;
    if std::mem::take(lost) {
        tracing::info!("the registry's notifications are back");
    }
    nudge.now();
    while listener.try_recv().await?.is_some() {
        nudge.now();
    }
    Ok(())
}
