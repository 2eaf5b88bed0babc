//! Waiting no longer than until a deadline.

use std::{pin::Pin, task::Poll};

use tokio::time::{Instant, timeout_at};

/// What `future` comes to; `None` when the deadline passed before. What is ready at once is given even then, and no timer is made
/// for it: a request that waits for nobody needs none.
pub(super) async fn until<F: Future>(deadline: Instant, mut future: Pin<&mut F>) -> Option<F::Output> {
    match futures::poll!(future.as_mut()) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => timeout_at(deadline, future).await.ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, time::Duration};

    use tokio::time::sleep;

    use super::*;

    async fn check(takes: u64, expect: Option<u64>) {
        let deadline = Instant::now() + Duration::from_secs(10);
        let work = async {
            if takes > 0 {
                sleep(Duration::from_secs(takes)).await;
            }
            takes
        };
        assert_eq!(until(deadline, pin!(work)).await, expect);
        let waited = takes.min(10);
        assert_eq!(
            deadline - Instant::now(),
            Duration::from_secs(10 - waited),
            "{takes}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_future_has_until_the_deadline() {
        check(0, Some(0)).await;
        check(9, Some(9)).await;
        check(11, None).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_ready_at_once_is_given_after_the_deadline_too() {
        let past = Instant::now();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(until(past, pin!(async { 7 })).await, Some(7));
        assert_eq!(until(past, pin!(sleep(Duration::from_secs(1)))).await, None);
    }
}
