//! Follows a feed of changes.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinHandle, time::timeout};

use super::{ChangeFeed, Changed, Cursor};
use crate::{Error, Freshness, Result};

/// How long the feed is left alone when nothing pushes: the bound that holds without push.
const POLL: Duration = Duration::from_secs(1);
/// How long a push waits for others that come with it: the feed is asked 50 times a second at most.
const GATHER: Duration = Duration::from_millis(20);
/// How long the feed may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says that something may have changed. Cheap to clone; whatever receives pushes holds one.
#[derive(Clone, Debug, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    /// Has the feed asked soon. Many of these at once cause one question.
    pub fn now(&self) {
        self.0.notify_one();
    }
}

/// Asks a feed for changes, at each nudge and each second without, and tells a process's caches; until it is dropped.
///
/// # Guarantees
///
/// A change is known within 20 ms and a round trip of its push, and within a second and a round trip without. When the
/// feed fails, nothing is confirmed any more, and it is asked again from where it stood: what changed meanwhile is not
/// missed.
#[derive(Debug)]
pub struct ChangeFollower {
    task: JoinHandle<()>,
}

impl ChangeFollower {
    /// Starts to follow `feed`, on the current tokio runtime.
    #[must_use]
    pub fn spawn(feed: Arc<dyn ChangeFeed>, nudge: Nudge, freshness: Freshness) -> Self {
        Self {
            task: tokio::spawn(follow(feed, nudge, freshness)),
        }
    }
}

impl Drop for ChangeFollower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(feed: Arc<dyn ChangeFeed>, nudge: Nudge, freshness: Freshness) {
    let (mut cursor, mut lost) = (None, false);
    loop {
        match ask(feed.as_ref(), &mut cursor, &freshness).await {
            Ok(()) if lost => tracing::info!("the registry tells of changes again"),
            Ok(()) => {}
            Err(error) => {
                freshness.lose();
                if !lost {
                    let why = error.log().unwrap_or("it failed");
                    tracing::warn!(
                        why,
                        "the registry tells of no changes: answers are asked for again instead"
                    );
                }
            }
        }
        lost = !freshness.is_live();
        if timeout(POLL, nudge.0.notified()).await.is_ok() {
            tokio::time::sleep(GATHER).await;
        }
    }
}

async fn ask(feed: &dyn ChangeFeed, cursor: &mut Option<Cursor>, freshness: &Freshness) -> Result<()> {
    let asked = freshness.now();
    let changes = timeout(PATIENCE, feed.changes(cursor.as_ref()))
        .await
        .unwrap_or_else(|_| Err(Error::unavailable("the feed did not answer in time")))?;
    let changed = match cursor {
        Some(_) => &changes.changed,
        // what was learnt before there was a cursor is not followed
        None => &Changed::Everything,
    };
    freshness.confirm(asked, changed);
    *cursor = Some(changes.cursor);
    Ok(())
}
