//! Finds an answer, or asks for it: once for all who wait.

use std::{hash::Hash, sync::Arc, time::Duration};

use async_trait::async_trait;
use tracing::Instrument;

use super::{
    CacheOptions, Entry, Freshness, Known, Standing,
    entry::Began,
    flight::{Flights, Landed, Landing},
    negative::Negative,
    outage::Outage,
};
use crate::{Error, Kind, Result, TenantId, telemetry::CacheMeter};

/// Where answers come from, and where they are kept.
#[async_trait]
pub(crate) trait Shelf: Send + Sync + 'static {
    type Key: Clone + Hash + Eq + Send + Sync + 'static;
    type Value: Clone + Send + Sync + 'static;

    /// What this keeps, for the log.
    const WHAT: &'static str;
    /// The cache's name in metrics.
    const CACHE: &'static str;

    /// Asks the source.
    async fn load(&self, key: &Self::Key) -> Result<Option<Self::Value>>;

    /// What `read` makes of the entry that is kept for `key`.
    fn with<R>(&self, key: &Self::Key, read: impl FnOnce(&Arc<Entry<Self::Value>>) -> R) -> Option<R>;

    /// Keeps an answer, unless a newer one is there. Returns the one that is there then.
    fn put(&self, value: Self::Value, began: Began) -> Arc<Entry<Self::Value>>;

    /// There is none for `key` any more; an answer whose look-up began later stays.
    fn forget(&self, key: &Self::Key, began: Began);

    /// Whose changes alone could make an answer for `key` appear, if that is known.
    fn tenant(key: &Self::Key) -> Option<TenantId>;

    /// Whether anybody may ask for `key`, who proved nothing. Such look-ups have at most half of the places.
    fn is_hint(key: &Self::Key) -> bool;

    /// How long an answer serves while the source does not answer.
    fn cap(&self, entry: &Entry<Self::Value>) -> Duration;
}

/// Keeps what a [`Shelf`]'s source answers.
pub(crate) struct Cache<S: Shelf> {
    pub(crate) shelf: S,
    freshness: Freshness,
    negative: Negative<S::Key>,
    flights: Arc<Flights<S::Key, S::Value>>,
    outage: Outage,
    meter: CacheMeter,
    load_timeout: Duration,
}

impl<S: Shelf> Cache<S> {
    pub(crate) fn new(shelf: S, freshness: Freshness, options: &CacheOptions) -> Arc<Self> {
        Arc::new(Self {
            shelf,
            freshness,
            negative: Negative::new(options.unknown, options.unknown_for),
            flights: Arc::new(Flights::new(options.loads)),
            outage: Outage::new(S::WHAT),
            meter: CacheMeter::new(S::CACHE),
            load_timeout: options.load_timeout,
        })
    }

    pub(crate) fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// The answer, if it is there and fresh. Allocates nothing and waits for nobody.
    pub(crate) fn fresh(&self, key: &S::Key) -> Option<S::Value> {
        self.kept(key).inspect(|_| self.meter.hit())
    }

    fn kept(&self, key: &S::Key) -> Option<S::Value> {
        let read = |entry: &Arc<Entry<S::Value>>| {
            let fresh = self.freshness.judge(entry).standing == Standing::Fresh;
            fresh.then(|| {
                entry.touch();
                entry.value.clone()
            })
        };
        self.shelf.with(key, read).flatten()
    }

    /// The answer for `key`, kept or asked for.
    pub(crate) async fn get(self: &Arc<Self>, key: &S::Key) -> Result<Option<S::Value>> {
        let arrived = self.freshness.seq();
        let entry = self.shelf.with(key, Arc::clone);
        if let Some(entry) = &entry {
            entry.touch();
            if self.serves_at_once(key, entry) {
                return Ok(Some(entry.value.clone()));
            }
        } else if self.negative.has(key, S::tenant(key), &self.freshness) {
            self.meter.hit();
            return Ok(None);
        }
        self.meter.miss();
        self.ask(key, arrived).await
    }

    /// Whether an answer is served before it is asked for again; if so, it is asked for beside.
    fn serves_at_once(self: &Arc<Self>, key: &S::Key, entry: &Entry<S::Value>) -> bool {
        let known = self.freshness.judge(entry);
        match known.standing {
            Standing::Fresh => {
                self.meter.hit();
                true
            }
            Standing::Stale => {
                self.meter.stale();
                self.fly(key);
                true
            }
            // while nobody answers, nobody waits for an answer
            Standing::Unconfirmed if self.outage.is_on() && self.is_last_known(entry, known) => {
                self.meter.stale();
                if self.outage.may_probe(self.freshness.now()) {
                    self.fly(key);
                }
                true
            }
            Standing::Unconfirmed | Standing::Changed => false,
        }
    }

    fn is_last_known(&self, entry: &Entry<S::Value>, known: Known) -> bool {
        known.standing != Standing::Changed && known.age <= self.shelf.cap(entry)
    }

    /// Waits for a look-up. One that began before `arrived` serves only if nothing changed in between; the next begins
    /// after it for certain.
    async fn ask(self: &Arc<Self>, key: &S::Key, arrived: u64) -> Result<Option<S::Value>> {
        let mut landed = self.flight(key).await?;
        if landed.began.seq < arrived && landed.answer.is_ok() {
            if let Some(value) = self.kept(key) {
                return Ok(Some(value));
            }
            let none = matches!(landed.answer, Ok(None));
            if !(none && self.freshness.unchanged(landed.began.seq, S::tenant(key))) {
                landed = self.flight(key).await?;
            }
        }
        match landed.answer {
            Ok(answer) => Ok(answer),
            Err(error) if error.kind() == Kind::Unavailable => {
                self.last_known(key).map(Some).ok_or_else(|| error.shared())
            }
            Err(error) => Err(error.shared()),
        }
    }

    fn last_known(&self, key: &S::Key) -> Option<S::Value> {
        let entry = self.shelf.with(key, Arc::clone)?;
        let known = self.freshness.judge(&entry);
        self.is_last_known(&entry, known).then(|| entry.value.clone())
    }

    async fn flight(self: &Arc<Self>, key: &S::Key) -> Result<Landed<S::Value>> {
        let flight = self.fly(key);
        let flight = flight.ok_or_else(|| Error::unavailable("too many look-ups are under way"))?;
        Ok(flight.await)
    }

    /// The look-up of `key` that is under way, begun now if there is none.
    fn fly(self: &Arc<Self>, key: &S::Key) -> Option<impl Future<Output = Landed<S::Value>> + use<S>> {
        self.flights.join(key, S::is_hint(key), || {
            let (cache, key) = (Arc::clone(self), key.clone());
            let began = self.freshness.begin();
            let task = async move {
                let landing = Landing(Arc::clone(&cache.flights), key);
                let answer = cache.load(&landing.1, began).await.map_err(Arc::new);
                Landed { began, answer }
            };
            (began, tokio::spawn(task.in_current_span()))
        })
    }

    async fn load(&self, key: &S::Key, began: Began) -> Result<Option<S::Value>> {
        let load = tokio::time::timeout(self.load_timeout, self.shelf.load(key));
        let answer = load
            .await
            .unwrap_or_else(|_| Err(Error::unavailable("the registry did not answer in time")));
        match &answer {
            // names that anybody invents wait for few places: that one found none says nothing of the registry
            Err(error) if error.kind() == Kind::Unavailable && S::is_hint(key) => {}
            Err(error) if error.kind() == Kind::Unavailable => self.outage.begin(self.freshness.now(), error),
            _ => self.outage.end(),
        }
        match answer? {
            Some(value) => {
                self.negative.remove(key);
                Ok(Some(self.shelf.put(value, began).value.clone()))
            }
            None => {
                self.shelf.forget(key, began);
                self.negative.put(key, began);
                Ok(None)
            }
        }
    }
}
