//! Calls to Redis about proofs.

use std::{fmt, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use redis::{Script, ScriptInvocation};
use tenancy_core::{Error, ProofId};
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore},
};

use super::{memory::warn_if_it_evicts, seek::seek};
use crate::{
    SharedConfig, SharedError,
    shared::{Failure, Link, within},
};

/// A script, after what all of them begin with.
macro_rules! script {
    ($file:literal) => {
        Script::new(concat!(include_str!("common.lua"), include_str!($file)))
    };
}

/// How many of each tenant and issuer are remembered, unless it is said.
const MOST: u64 = 100_000;
/// How far two machines' clocks may be apart, as for the times that proofs hold.
pub(super) const APART: Duration = Duration::from_secs(10);

/// Which proofs were used and which jobs were done, for all replicas with the same Redis and prefix: a
/// [`ReplayGuard`](tenancy_core::ReplayGuard) and a [`JobLedger`](tenancy_core::JobLedger). Cheap to clone.
///
/// # Flow
///
/// Each question is one script, so one round trip, atomic for all replicas. What was used and done lies in a sorted set for
/// each tenant and issuer, and leaves it when the token or envelope has ended on every machine's clock; a turn at a job is a key
/// that ends with its lease.
///
/// # Guarantees
///
/// No proof is taken twice by all replicas together; no job is done again after one of them said that it was done, and no two hold
/// its turn. When a tenant's room is full it is that tenant who is refused, and only for that issuer.
///
/// While Redis is away, or slower than the timeout, what is asked is refused (503, with `Retry-After`) and not guessed: who
/// stole a token would have only to wait for an outage, or to make one. So calls between services and jobs stop with Redis;
/// users' own requests never ask it. A Redis that comes back empty can't know what was used before: proofs from before that
/// time are refused in the same way, so calls begin again after the 10 seconds that clocks may be apart.
///
/// # Assumptions
///
/// Redis evicts nothing: `maxmemory-policy noeviction`, or no `maxmemory`. A log line says so at each connect where it is not.
///
/// # Caveats
///
/// Of jobs, an empty Redis is not suspected, for they hold for a day: one that was done and is delivered again is done again.
/// A failover to a copy that lacks the last writes shows by nothing: for these, proofs can be used once more, at another replica
/// than the first.
#[derive(Clone)]
pub struct SharedProofs {
    pub(super) inner: Arc<Inner>,
    pub(super) most: u64,
}

pub(super) struct Inner {
    config: SharedConfig,
    link: Link,
    pub(super) scripts: Scripts,
    calls: Semaphore,
    /// Some call failed: a new connection is to be made.
    pub(super) lost: Notify,
}

pub(super) struct Scripts {
    since: Script,
    pub(super) used: Script,
    pub(super) begin: Script,
    pub(super) done: Script,
    pub(super) give_back: Script,
}

impl SharedProofs {
    /// Waits a second at most for Redis; one that is away is no error: it is found later, and all is refused until then.
    ///
    /// # Errors
    ///
    /// When the settings can't be right, as those of [`TenantLimits::shared`](crate::TenantLimits::shared).
    pub async fn start(config: SharedConfig) -> Result<Self, SharedError> {
        Handle::try_current().map_err(|_| SharedError::Runtime)?;
        let inner = Arc::new(Inner {
            link: Link::new(config.url.clone())?,
            scripts: Scripts {
                since: script!("since.lua"),
                used: script!("use.lua"),
                begin: script!("begin.lua"),
                done: script!("done.lua"),
                give_back: script!("give_back.lua"),
            },
            calls: Semaphore::new(config.calls),
            lost: Notify::new(),
            config,
        });
        if inner.connect().await.is_err() {
            inner.lost.notify_one();
        }
        tokio::spawn(seek(Arc::downgrade(&inner)));
        Ok(Self { inner, most: MOST })
    }

    /// Remembers so many proofs, and as many jobs, of each tenant and issuer, at some 150 bytes each. 100,000.
    #[must_use]
    pub fn with_most(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    /// Asks one question. One round trip.
    pub(super) async fn ask(&self, question: &ScriptInvocation<'_>) -> tenancy_core::Result<u64> {
        let said = self.inner.ask(question).await;
        said.map_err(|why| Error::unavailable(format!("the store of shared proofs: {why}")))
    }

    pub(super) fn key(&self, proof: &ProofId, what: &str) -> String {
        let ProofId { tenant, issuer, .. } = proof;
        format!("{}:proofs:{tenant}:{issuer}:{what}", self.inner.config.prefix)
    }

    pub(super) fn since_key(&self) -> String {
        self.inner.since_key()
    }
}

impl Inner {
    /// Makes a new connection the one that calls take.
    pub(super) async fn connect(&self) -> Result<(), Failure> {
        let Scripts {
            since,
            used,
            begin,
            done,
            give_back,
        } = &self.scripts;
        let mut fresh = self.link.connect(&[since, used, begin, done, give_back]).await?;
        let remembers = since.key(self.since_key());
        within(Duration::from_secs(1), remembers.invoke_async::<u64>(&mut fresh)).await?;
        warn_if_it_evicts(&mut fresh).await;
        self.link.set(Some(fresh));
        Ok(())
    }

    async fn ask(&self, question: &ScriptInvocation<'_>) -> Result<u64, Failure> {
        let _leave = self.calls.try_acquire().map_err(|_| Failure::Busy)?;
        let said = match self.link.get() {
            Ok(mut connection) => within(self.config.timeout, question.invoke_async(&mut connection)).await,
            Err(away) => Err(away),
        };
        if said.is_err() {
            self.lost.notify_one();
        }
        said
    }

    fn since_key(&self) -> String {
        format!("{}:proofs:since", self.config.prefix)
    }
}

/// In whole milliseconds, rounded up: nothing is forgotten too soon.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// How long it is until then on every machine's clock: on one that is behind ours, what has ended here holds still.
pub(super) fn left(until: Timestamp) -> u64 {
    let left = until.duration_since(Timestamp::now());
    let left = left.saturating_add(SignedDuration::from_secs(APART.as_secs().cast_signed()));
    millis(left.try_into().unwrap_or_default())
}

impl fmt::Debug for SharedProofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedProofs")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}
