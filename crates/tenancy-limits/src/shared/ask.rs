//! Questions to the shared store, in the background of requests.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, sleep},
};

use super::{
    breaker::Breaker,
    config::{SharedConfig, SharedError},
    keeper::{Due, Keeper},
    link::Failure,
    store::Store,
};
use crate::{
    books::{Books, Key},
    meters::Meters,
    rate::{Mode, Question, Terms},
};

/// The shortest and the longest pause between two attempts to find the store.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// A store that is lost sooner than this after it was found is waited for longer.
const STEADY: Duration = Duration::from_secs(10);

/// What a question is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) key: Key,
    pub(crate) terms: Terms,
}

/// How this process shares limits with its replicas. No request waits for it.
pub(crate) struct Sharing {
    store: Store,
    breaker: Breaker,
    books: Arc<Books>,
    meters: Arc<Meters>,
    runtime: Handle,
    lost: Notify,
    keeper: Keeper<Subject>,
}

impl Sharing {
    /// Tries once to find the store, for a second at most; later it does so by itself.
    pub(crate) async fn start(
        config: SharedConfig,
        books: Arc<Books>,
        meters: Arc<Meters>,
    ) -> Result<Arc<Self>, SharedError> {
        let runtime = Handle::try_current().map_err(|_| SharedError::Runtime)?;
        let store = Store::new(config)?;
        let sharing = Arc::new_cyclic(|this: &Weak<Self>| {
            let watched = Weak::clone(this);
            let look = move |subject, piece| {
                let sharing = watched.upgrade();
                sharing.map(|sharing| sharing.look(subject, piece)).is_some()
            };
            Self {
                store,
                breaker: Breaker::new(Arc::clone(&meters)),
                books,
                meters,
                runtime,
                lost: Notify::new(),
                keeper: Keeper::new(look),
            }
        });
        let first = sharing.store.connect().await;
        match &first {
            Ok(()) => sharing.breaker.found(),
            Err(why) => warn(why),
        }
        tokio::spawn(seek(Arc::downgrade(&sharing), first.is_ok()));
        Ok(sharing)
    }

    /// How requests are counted now.
    pub(crate) fn mode(&self) -> Mode {
        self.breaker.era().map_or(Mode::Degraded, Mode::Shared)
    }

    /// Whether one more question may be on its way.
    pub(crate) fn has_room(&self) -> bool {
        self.store.has_room()
    }

    /// Sends a question on its way.
    pub(crate) fn send(self: &Arc<Self>, subject: Subject, question: Question) {
        let Some(leave) = self.store.call() else {
            // the key's next request asks again
            self.books.at(subject.key, |account, _| account.unanswered());
            return;
        };
        let this = Arc::clone(self);
        self.runtime.spawn(async move {
            this.ask(subject, question).await;
            drop(leave);
        });
    }

    async fn ask(&self, subject: Subject, question: Question) {
        let Subject { key, terms } = subject;
        let mut kept = question.kept;
        let asked = self.take(&subject, &question).await;
        let answer = match asked {
            Ok(None) => {
                let anew = self
                    .books
                    .at(key, |account, now| account.ask_anew(now, &terms, question.more));
                let Some(anew) = anew else { return };
                kept = anew.kept;
                self.take(&subject, &anew).await
            }
            other => other,
        };
        self.meters.calls(answer.is_ok());
        match answer {
            Ok(Some(answer)) => {
                self.books.at(key, |account, now| {
                    account.answered(now, &terms, kept, &answer);
                });
                let at = Instant::now() + terms.life() / 4 * 3;
                if answer.leased > 0 {
                    self.keeper.watch(Due {
                        key: subject,
                        piece: answer.piece,
                        at,
                    });
                }
            }
            // it forgets faster than it is told: the next request asks again
            Ok(None) => drop(self.books.at(key, |account, _| account.unanswered())),
            Err(why) => {
                self.books.at(key, |account, _| account.unanswered());
                self.fail(&why);
            }
        }
    }

    async fn take(
        &self,
        subject: &Subject,
        question: &Question,
    ) -> Result<Option<crate::rate::Answer>, Failure> {
        let (piece, life) = (subject.terms.piece(), subject.terms.life());
        self.store
            .take(&subject.key.to_string(), (piece, life), question)
            .await
    }

    /// Each replica limits by itself from now on, until the store is found again.
    fn fail(&self, why: &Failure) {
        if self.breaker.lost() {
            warn(why);
            self.store.disconnect();
            self.lost.notify_one();
        }
    }

    /// Gives back what is left of a lease that nobody renewed.
    fn look(self: &Arc<Self>, subject: Subject, piece: u64) {
        if self.breaker.era().is_none() {
            return;
        }
        let question = self.books.at(subject.key, |account, now| {
            account.give_back(now, &subject.terms, piece)
        });
        if let Some(question) = question.flatten() {
            self.send(subject, question);
        }
    }
}

fn warn(why: &Failure) {
    tracing::warn!(%why, "the store of shared limits is away: each replica limits by itself");
}

/// Looks for the store whenever it is lost, until nobody shares any more.
async fn seek(sharing: Weak<Sharing>, mut there: bool) {
    let (mut pause, mut found) = (PAUSES.0, Instant::now());
    loop {
        let Some(this) = sharing.upgrade() else { return };
        if there {
            // wakes now and then to see whether it is still needed
            let _ = tokio::time::timeout(PAUSES.1, this.lost.notified()).await;
            there = this.breaker.era().is_some();
            if !there {
                let flaps = found.elapsed() < STEADY;
                pause = if flaps {
                    (pause * 2).min(PAUSES.1)
                } else {
                    PAUSES.0
                };
            }
            continue;
        }
        sleep(pause).await;
        there = this.store.connect().await.is_ok();
        if there {
            this.breaker.found();
            found = Instant::now();
            tracing::info!("the store of shared limits is there again");
        } else {
            pause = (pause * 2).min(PAUSES.1);
        }
    }
}
