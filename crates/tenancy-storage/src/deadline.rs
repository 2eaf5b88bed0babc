//! No wait without an end.

use std::time::{Duration, Instant};

use tenancy_core::{Error, Result};

/// How long a call may take when its context has no deadline.
const DEFAULT: Duration = Duration::from_secs(30);

/// Does `work` until `deadline`, and begins nothing after it.
pub(crate) async fn within<T>(deadline: Option<Instant>, work: impl Future<Output = Result<T>>) -> Result<T> {
    let now = Instant::now();
    let deadline = deadline.unwrap_or(now + DEFAULT);
    if deadline <= now {
        return Err(late());
    }
    tokio::time::timeout_at(deadline.into(), work)
        .await
        .unwrap_or_else(|_| Err(late()))
}

fn late() -> Error {
    Error::unavailable("the object store did not answer before the request's deadline")
}

#[cfg(test)]
mod tests {
    use tenancy_core::Kind;

    use super::*;

    #[tokio::test]
    async fn work_ends_at_the_deadline() {
        let started = Instant::now();
        let deadline = Some(started + Duration::from_millis(20));
        let error = within(deadline, std::future::pending::<Result<()>>())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn work_does_not_begin_after_the_deadline() {
        let work = async { panic!("it began") };
        let error = within::<()>(Some(Instant::now()), work).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
    }
}
