//! Calls to Redis.

use std::{sync::Arc, time::Duration};

use redis::Script;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    config::{SharedConfig, SharedError},
    link::{Failure, Link, within},
};
use crate::rate::{Answer, PIECES, Question};

const TAKE: &str = include_str!("take.lua");

/// Redis, as limits use it: one script, one connection, every call with an end.
pub(crate) struct Store {
    config: SharedConfig,
    link: Link,
    take: Script,
    calls: Arc<Semaphore>,
}

impl Store {
    /// Looks at the settings, and does not connect yet.
    pub(crate) fn new(config: SharedConfig) -> Result<Self, SharedError> {
        Ok(Self {
            link: Link::new(config.url.clone())?,
            take: Script::new(TAKE),
            calls: Arc::new(Semaphore::new(config.calls)),
            config,
        })
    }

    /// Connects, with the password as it is now, and brings the script along.
    pub(crate) async fn connect(&self) -> Result<(), Failure> {
        let fresh = self.link.connect(&[&self.take]).await?;
        self.link.set(Some(fresh));
        Ok(())
    }

    /// Lets go of the connection.
    pub(crate) fn disconnect(&self) {
        self.link.set(None);
    }

    /// Leave for one call; `None` when too many are on their way.
    pub(crate) fn call(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.calls).try_acquire_owned().ok()
    }

    /// Whether one more call may be on its way.
    pub(crate) fn has_room(&self) -> bool {
        self.calls.available_permits() > 0
    }

    /// Asks. `None` when the store has forgotten what the question refers to: it is to be asked anew. One round trip.
    pub(crate) async fn take(
        &self,
        key: &str,
        (piece, life): (Duration, Duration),
        question: &Question,
    ) -> Result<Option<Answer>, Failure> {
        let mut connection = self.link.get()?;
        let (lease, size) = question.returned;
        let mut call = self.take.prepare_invoke();
        call.key(format!("{}:{key}", self.config.prefix));
        call.arg(question.limit)
            .arg(micros(piece))
            .arg(PIECES)
            .arg(micros(life));
        call.arg(question.memory).arg(lease).arg(size);
        call.arg(question.kept).arg(question.more);
        for (ago, count) in &question.passed {
            call.arg(micros(*ago)).arg(*count);
        }
        let said = within(self.config.timeout, call.invoke_async(&mut connection)).await?;
        Ok(answer(said))
    }
}

type Said = (u64, u64, u64, u64, u64, u64);

fn answer((memory, piece, leased, remaining, retry, reset): Said) -> Option<Answer> {
    (memory != 0).then_some(Answer {
        memory,
        piece,
        leased,
        remaining,
        retry_after: Duration::from_micros(retry),
        reset: Duration::from_micros(reset),
    })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
