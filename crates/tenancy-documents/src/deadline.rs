//! No wait without an end.

use std::time::Duration;

use tenancy_core::{Error, Result, TenantContext};
use tokio::time::Instant;

/// When a call ends: by the context's deadline, and within `limit` in any case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn of(ctx: &TenantContext, limit: Duration) -> Self {
        let bound = Instant::now() + limit;
        Self(ctx.deadline().map_or(bound, |asked| bound.min(asked.into())))
    }

    /// For what belongs to no request any more.
    pub(crate) fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// How much is left. Nothing begins without any.
    pub(crate) fn left(self) -> Result<Duration> {
        match self.0.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(late()),
            left => Ok(left),
        }
    }

    /// Does `work` until then.
    pub(crate) async fn within<T>(self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.left()?;
        tokio::time::timeout_at(self.0, work)
            .await
            .unwrap_or_else(|_| Err(late()))
    }

    /// Waits `pause`; `false` without waiting when that would be too long.
    pub(crate) async fn pause(self, pause: Duration) -> bool {
        let enough = self.left().is_ok_and(|left| left > pause);
        if enough {
            tokio::time::sleep(pause).await;
        }
        enough
    }
}

fn late() -> Error {
    Error::unavailable("the document database did not answer before the request's deadline")
}
