//! Hears of changes in the registry.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::task::JoinHandle;

use super::RegistryClient;
use crate::Invalidator;

/// The channel on which the registry announces changes. A payload is an opaque version and never data.
pub const CHANNEL: &str = "tenancy_registry";

const RECONNECT: Duration = Duration::from_millis(500);

/// Tells an [`Invalidator`] of every change that the registry announces, until it is dropped.
///
/// # Guarantees
///
/// A change is told of within one notification while the connection stands. When it is lost, all is aged at once and
/// again when it is back, so that a change made in between is not missed. What is not heard of is bounded by the
/// caches themselves: an answer is never older than a second.
#[derive(Debug)]
pub struct ChangeListener {
    task: JoinHandle<()>,
}

impl ChangeListener {
    /// Starts to listen, on the current tokio runtime.
    #[must_use]
    pub fn spawn(registry: &RegistryClient, invalidator: Invalidator) -> Self {
        let registry = registry.clone();
        Self {
            task: tokio::spawn(async move { listen(&registry, &invalidator).await }),
        }
    }
}

impl Drop for ChangeListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(registry: &RegistryClient, invalidator: &Invalidator) {
    loop {
        if let Err(error) = hear(registry, invalidator).await {
            tracing::warn!(%error, "the registry's notifications are lost; trying again");
        }
        invalidator.changed();
        tokio::time::sleep(RECONNECT).await;
    }
}

/// Returns when the connection is lost.
async fn hear(registry: &RegistryClient, invalidator: &Invalidator) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(registry.pool()).await?;
    listener.listen(CHANNEL).await?;
    invalidator.changed();
    while listener.try_recv().await?.is_some() {
        invalidator.changed();
    }
    Ok(())
}
