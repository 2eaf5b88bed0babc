//! No wait without an end.

use std::time::Duration;

use tenancy_core::{Error, Result, TenantContext};
use tokio::time::{Instant, timeout_at};

/// The context's deadline, or so long from now, whichever comes first.
pub(crate) fn until(context: &TenantContext, limit: Duration) -> Instant {
    let own = after(limit);
    context
        .deadline()
        .map_or(own, |deadline| own.min(deadline.into()))
}

/// So long from now: a day at most, which no clock ends within.
pub(crate) fn after(limit: Duration) -> Instant {
    Instant::now() + limit.min(Duration::from_secs(86_400))
}

/// Does `work` until then, and begins nothing after it. `None` when it is late.
pub(crate) async fn within<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    if deadline <= Instant::now() {
        return None;
    }
    timeout_at(deadline, work).await.ok()
}

/// The same, of which being late is an error.
pub(crate) async fn answered<T>(
    deadline: Instant,
    work: impl Future<Output = neo4rs::Result<T>>,
) -> Result<T> {
    match within(deadline, work).await {
        Some(answer) => answer.map_err(crate::failure::classify),
        None => Err(late()),
    }
}

pub(crate) fn late() -> Error {
    Error::unavailable("the graph did not answer before the deadline")
}
