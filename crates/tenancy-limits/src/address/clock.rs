//! The clock that governor goes by.

use std::time::Duration;

use governor::clock::Clock;
use tokio::time::Instant;

/// Tokio's clock, which tests can stop, since a start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since(pub(super) Instant);

impl Clock for Since {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
