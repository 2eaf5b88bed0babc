//! The key cache: one fetch at a time, and nobody waits for one that is not needed.

use std::sync::Arc;

use parking_lot::RwLock;
use tenancy_core::{Error, Result, telemetry::CacheMeter};
use tokio::{sync::watch, time::Instant};

use super::{
    Accept, Key,
    fetch::{FetchError, Fetcher},
    key_set::KeySet,
    source::{KeySource, Timing},
    state::{Attempt, State, Verdict},
};
use crate::token::Refusal;

/// Signing keys by `kid`.
///
/// # Guarantees
///
/// One fetch at a time, however many wait for it. It runs in a task of its own: who waits may be cancelled without harm
/// to the others. No lock is held while it runs. Keys are fetched again at 80 % of their `max-age`, beside the
/// requests. When the server fails they serve on to a hard cap, then nobody gets in.
#[derive(Clone)]
pub(crate) struct KeyCache {
    shared: Arc<Shared>,
}

struct Shared {
    state: RwLock<State>,
    fetcher: Fetcher,
    timing: Timing,
    meter: CacheMeter,
}

impl KeyCache {
    /// A cache of the source's keys of that kind. Asks for none before one is needed.
    pub(crate) fn new(source: KeySource, accept: Accept) -> Self {
        Self {
            shared: Arc::new(Shared {
                state: RwLock::default(),
                timing: source.timing,
                meter: CacheMeter::new("keys"),
                fetcher: Fetcher::new(source, accept),
            }),
        }
    }

    /// The key of that name. Waits for a fetch when it has to, and for no longer than a fetch may take.
    pub(crate) async fn key(&self, kid: &str) -> Result<Arc<Key>> {
        // the second round judges by what the fetch brought
        let mut first = true;
        for _ in 0..2 {
            let next = self.ask(kid);
            if std::mem::take(&mut first) {
                self.shared.count(matches!(next, Next::Answer(Ok(_))));
            }
            let mut flight = match next {
                Next::Answer(answer) => return answer,
                Next::Wait(flight) => flight,
            };
            // an error says that the fetch has ended
            while flight.changed().await.is_ok() {}
        }
        match self.ask(kid) {
            Next::Answer(answer) => answer,
            Next::Wait(_) => Err(down("its answer was no use")),
        }
    }

    /// The key of that name when nothing has to be fetched for it, not even beside the request.
    pub(crate) fn ready(&self, kid: &str) -> Option<Arc<Key>> {
        match self.shared.decide(kid, &self.shared.state.read()) {
            Verdict::Serve(key) => {
                self.shared.count(true);
                Some(key)
            }
            _ => None,
        }
    }

    fn ask(&self, kid: &str) -> Next {
        let verdict = self.shared.decide(kid, &self.shared.state.read());
        if let Some(answer) = settled(&verdict) {
            return Next::Answer(answer);
        }
        // decided again under the lock that starts a fetch: another may have started or ended one in between
        let mut state = self.shared.state.write();
        let verdict = self.shared.decide(kid, &state);
        if let Some(answer) = settled(&verdict) {
            return Next::Answer(answer);
        }
        let flight = self.flight(&mut state);
        match verdict {
            Verdict::ServeAndRefresh(key) => Next::Answer(Ok(key)),
            _ => Next::Wait(flight),
        }
    }

    /// The fetch that is under way, or a new one.
    fn flight(&self, state: &mut State) -> watch::Receiver<()> {
        if let Some(flight) = state.flight.as_ref().filter(|_| state.in_flight()) {
            return flight.clone();
        }
        let (sender, receiver) = watch::channel(());
        state.flight = Some(receiver.clone());
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let answer = shared.fetcher.fetch().await;
            shared.settle(answer);
            // wakes those who wait; so does a panic before this line
            drop(sender);
        });
        receiver
    }
}

enum Next {
    Answer(Result<Arc<Key>>),
    Wait(watch::Receiver<()>),
}

/// The answer of a verdict that asks for no fetch.
fn settled(verdict: &Verdict) -> Option<Result<Arc<Key>>> {
    match verdict {
        Verdict::Serve(key) => Some(Ok(Arc::clone(key))),
        Verdict::Unknown => Some(Err(Refusal::UnknownKey.into())),
        Verdict::Down(why) => Some(Err(down(why))),
        Verdict::ServeAndRefresh(_) | Verdict::Wait => None,
    }
}

fn down(why: &str) -> Error {
    Error::unavailable(format!("the key server failed: {why}"))
}

impl Shared {
    fn decide(&self, kid: &str, state: &State) -> Verdict {
        state.decide(kid, Instant::now(), &self.timing)
    }

    fn count(&self, there: bool) {
        if there {
            self.meter.hit();
        } else {
            self.meter.miss();
        }
    }

    fn settle(&self, answer: Result<KeySet, FetchError>) {
        let failure = match &answer {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "signing keys fetched");
                None
            }
            Err(error) => {
                let source = std::error::Error::source(error);
                tracing::warn!(%error, source, "signing keys could not be fetched");
                Some(Arc::from(error.to_string()))
            }
        };
        let mut state = self.state.write();
        if let Ok(mut keys) = answer {
            if let Some(known) = &state.keys {
                keys.keep(known);
            }
            state.keys = Some(keys);
        }
        state.attempt = Some(Attempt {
            ended_at: Instant::now(),
            failure,
        });
        state.flight = None;
    }
}
