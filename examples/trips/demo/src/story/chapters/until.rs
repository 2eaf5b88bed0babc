//! What is true within a second.

use std::time::{Duration, Instant};

use crate::{
    story::{call::Call, step::Expect, teller::Teller, verdict::check},
    world::Result,
};

/// What is promised, and how often the demo asks whether it is so.
#[derive(Clone, Copy)]
pub(super) struct Promise {
    pub(super) bound: Duration,
    pub(super) pause: Duration,
}

const SECOND: Promise = Promise {
    bound: Duration::from_secs(1),
    pause: Duration::from_millis(10),
};
/// How long the demo waits for it at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks until what comes back is what must, and shows how long that took: a second at most.
pub(super) async fn until(
    teller: &mut Teller<'_>,
    what: &str,
    call: &Call,
    expect: &Expect,
    since: Instant,
) -> Result<()> {
    within(SECOND, teller, what, (call, expect), since).await
}

/// The same, with another promise.
pub(super) async fn within(
    promise: Promise,
    teller: &mut Teller<'_>,
    what: &str,
    (call, expect): (&Call, &Expect),
    since: Instant,
) -> Result<()> {
    loop {
        let answer = teller.ask(call).await?;
        let took = since.elapsed();
        let (outcome, problem) = check(expect, &answer, &teller.strangers);
        let outcome = format!("{outcome} after {} ms", took.as_millis());
        match problem {
            None if took <= promise.bound => {
                teller.screen.right(what, &outcome, None);
                return Ok(());
            }
            None => {
                let late = format!("later than {} s", promise.bound.as_secs());
                teller.screen.wrong(what, &outcome, &late);
                return Ok(());
            }
            Some(problem) if took > PATIENCE => {
                teller.screen.wrong(what, &outcome, &problem);
                return Ok(());
            }
            Some(_) => tokio::time::sleep(promise.pause).await,
        }
    }
}
