//! Keeps the file beside the caches.

use std::{path::PathBuf, sync::Arc, sync::atomic::Ordering, time::Duration};

use jiff::Timestamp;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{
    content::Content,
    file::{File, LastKnownError},
};
use crate::{CachedMemberships, SecretRef, directory::CachedDirectory};

/// How often the file is written at most, when something changed.
const OFTEN: Duration = Duration::from_secs(5);
/// How often it is written when nothing did, so that it says how long all was true.
const SELDOM: Duration = Duration::from_secs(60);

/// A file of what was known last, so that a process that starts while the registry is down serves the tenants that the
/// one before it knew, up to their caps.
///
/// # Guarantees
///
/// - It is signed (HMAC-SHA-256) for this deployment: what was altered, or is another's, is refused with a warning and
///   ignored.
/// - It is written whole or not at all, and read by its owner alone (mode 0600).
/// - It answers only while the registry does not, and gives way to whatever that says.
///
/// # Caveats
///
/// It holds records and memberships, and so the ids of users. Who can write the file and knows the key can grant
/// anything: keep the two apart. An older file put back in its place is believed up to the caps.
pub struct LastKnown {
    file: File,
}

impl LastKnown {
    /// The file at `path`, signed with `key` for the deployment that `scope` names: its pin and its registry.
    ///
    /// # Errors
    ///
    /// When the key can't be read, or has fewer than 32 bytes.
    pub fn new(
        path: impl Into<PathBuf>,
        key: &SecretRef,
        scope: impl Into<String>,
    ) -> Result<Self, LastKnownError> {
        let file = File::new(path.into(), key, scope.into())?;
        Ok(Self { file })
    }

    /// Gives the caches what the file holds, and keeps it up to date from then on, on the current tokio runtime: within 5
    /// seconds of a change, and each minute without.
    #[must_use]
    pub fn keep(
        self,
        directory: Arc<CachedDirectory>,
        memberships: Arc<CachedMemberships>,
    ) -> LastKnownKeeper {
        self.restore(&directory, &memberships);
        let task = keep(Arc::new(self.file), directory, memberships);
        LastKnownKeeper {
            task: tokio::spawn(task),
        }
    }

    fn restore(&self, directory: &CachedDirectory, memberships: &CachedMemberships) {
        let path = self.file.path().display();
        match self.file.read() {
            Ok(None) => {}
            Ok(Some(content)) => {
                let (tenants, members) = content.restore(directory, memberships, Timestamp::now());
                tracing::info!(%path, tenants, members, "the last known answers were read");
            }
            Err(why) => {
                tracing::warn!(%path, %why, "the file of the last known answers is refused, and ignored")
            }
        }
    }
}

/// Keeps the file of a [`LastKnown`] up to date, until it is dropped.
#[derive(Debug)]
pub struct LastKnownKeeper {
    task: JoinHandle<()>,
}

impl Drop for LastKnownKeeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(file: Arc<File>, directory: Arc<CachedDirectory>, memberships: Arc<CachedMemberships>) {
    let freshness = directory.freshness();
    // what changed, and what is only told of: it is left out, though nobody asked for it since
    let version = || {
        let members = memberships.cache.shelf.version.load(Ordering::Acquire);
        let tenants = directory.cache.shelf.version.load(Ordering::Acquire);
        (freshness.seq(), tenants, members)
    };
    let (mut written, mut at, mut failing) = (version(), Instant::now(), false);
    loop {
        sleep(OFTEN).await;
        let current = version();
        if current == written && at.elapsed() < SELDOM {
            continue;
        }
        let content = Content::of(&directory, &memberships, Timestamp::now());
        let target = Arc::clone(&file);
        let outcome = tokio::task::spawn_blocking(move || target.write(&content)).await;
        match outcome.map_err(std::io::Error::other).flatten() {
            Ok(()) => (written, at, failing) = (current, Instant::now(), false),
            Err(why) if !failing => {
                failing = true;
                let path = file.path().display();
                tracing::warn!(%path, %why, "the last known answers can't be written");
            }
            Err(_) => {}
        }
    }
}
