//! The key cache, against a real server and with its real bounds. Time between requests is skipped, not waited for.

mod expiry;
mod first_use;
mod outage;
mod unknown;

use std::time::Duration;

use tenancy_core::Kind;

use crate::world::World;

impl World {
    pub(crate) async fn outcome(&self, token: &str) -> Result<(), Kind> {
        let outcome = self.verifier.verify(token).await;
        outcome.map(drop).map_err(|error| error.kind())
    }

    /// Waits until the server has been asked that often, and no more.
    pub(crate) async fn asked(&self, fetches: u64) {
        for _ in 0..400 {
            if self.server.fetches() >= fetches {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(self.server.fetches(), fetches);
    }
}
