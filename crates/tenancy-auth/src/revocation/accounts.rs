//! The accounts that were looked up: one lookup for each user at a time.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use parking_lot::Mutex;
use tenancy_core::{Error, Result, VerifiedIdentity, telemetry::CacheMeter};
use tokio::{sync::watch, time::Instant};

use super::{
    Revocation,
    account::Account,
    lookup::{Lookup, LookupError},
    options::Timing,
    state::{State, Verdict},
};
use crate::bounded::{Bounded, Found};

/// What is known of users' accounts.
#[derive(Clone)]
pub(crate) struct Accounts {
    shared: Arc<Shared>,
}

struct Shared {
    lookup: Lookup,
    timing: Timing,
    users: Mutex<Bounded<User, Arc<Slot>>>,
    meter: CacheMeter,
}

type Slot = Mutex<State>;

/// A user by pool and id: the same id in another pool is another user.
#[derive(Clone)]
struct User(VerifiedIdentity);

impl PartialEq for User {
    fn eq(&self, other: &Self) -> bool {
        self.0.subject() == other.0.subject() && self.0.tenant() == other.0.tenant()
    }
}

impl Eq for User {}

impl Hash for User {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.subject().hash(state);
        self.0.tenant().hash(state);
    }
}

impl Accounts {
    pub(crate) fn new(revocation: Revocation) -> Self {
        Self {
            shared: Arc::new(Shared {
                timing: revocation.timing,
                users: Mutex::new(Bounded::new(revocation.users)),
                lookup: Lookup::new(revocation),
                meter: CacheMeter::new("accounts"),
            }),
        }
    }

    /// The user's account. Waits for a lookup when it has to, and for no longer than a lookup may take.
    pub(crate) async fn account(&self, user: &VerifiedIdentity) -> Result<Account> {
        let slot = self.shared.slot(user);
        // the second round judges by what the lookup brought
        let mut first = true;
        for _ in 0..2 {
            let next = self.ask(&slot, user);
            if std::mem::take(&mut first) {
                let meter = &self.shared.meter;
                match next {
                    Next::Answer(Ok(_)) => meter.hit(),
                    _ => meter.miss(),
                }
            }
            let mut flight = match next {
                Next::Answer(answer) => return answer,
                Next::Wait(flight) => flight,
            };
            // an error says that the lookup has ended
            while flight.changed().await.is_ok() {}
        }
        match self.ask(&slot, user) {
            Next::Answer(answer) => answer,
            Next::Wait(_) => Err(down("its answer was no use")),
        }
    }

    /// The user's account when nothing has to be looked up for it, not even beside the request.
    pub(crate) fn ready(&self, user: &VerifiedIdentity) -> Option<Account> {
        let slot = self.shared.slot(user);
        let state = slot.lock();
        match state.decide(Instant::now(), &self.shared.timing) {
            Verdict::Serve(account) => {
                self.shared.meter.hit();
                Some(account)
            }
            _ => None,
        }
    }

    fn ask(&self, slot: &Arc<Slot>, user: &VerifiedIdentity) -> Next {
        let mut state = slot.lock();
        match state.decide(Instant::now(), &self.shared.timing) {
            Verdict::Serve(account) => Next::Answer(Ok(account)),
            Verdict::Down(why) => Next::Answer(Err(down(&why))),
            Verdict::ServeAndRefresh(account) => {
                self.flight(&mut state, slot, user);
                Next::Answer(Ok(account))
            }
            Verdict::Wait => Next::Wait(self.flight(&mut state, slot, user)),
        }
    }

    /// The lookup that is under way, or a new one.
    fn flight(&self, state: &mut State, slot: &Arc<Slot>, user: &VerifiedIdentity) -> watch::Receiver<()> {
        if let Some(flight) = state.flight.as_ref().filter(|_| state.in_flight()) {
            return flight.clone();
        }
        let (sender, receiver) = watch::channel(());
        state.flight = Some(receiver.clone());
        let (shared, slot, user) = (Arc::clone(&self.shared), Arc::clone(slot), user.clone());
        tokio::spawn(async move {
            let asked_at = Instant::now();
            let answer = shared.lookup.account(&user).await;
            settle(&mut slot.lock(), answer, asked_at);
            // wakes those who wait; so does a panic before this line
            drop(sender);
        });
        receiver
    }
}

impl Shared {
    fn slot(&self, user: &VerifiedIdentity) -> Arc<Slot> {
        let user = User(user.clone());
        let mut users = self.users.lock();
        let slot = match users.get(&user) {
            Some(Found::Young(slot)) => return slot,
            Some(Found::Old(slot)) => slot,
            None => Arc::default(),
        };
        users.insert(user, Arc::clone(&slot));
        slot
    }
}

enum Next {
    Answer(Result<Account>),
    Wait(watch::Receiver<()>),
}

fn down(why: &str) -> Error {
    Error::unavailable(format!("the lookup of the user's account failed: {why}"))
}

fn settle(state: &mut State, answer: Result<Account, LookupError>, asked_at: Instant) {
    match answer {
        Ok(account) => {
            state.answer = Some((account, asked_at));
            state.failure = None;
        }
        Err(error) => {
            let source = std::error::Error::source(&error);
            tracing::warn!(%error, source, "a user's account could not be looked up");
            state.failure = Some((Instant::now(), Arc::from(error.to_string())));
        }
    }
    state.flight = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test of who is one user")]
    fn user(id: &str, pool: &str, expires_at: i64) -> User {
        let expires_at = jiff::Timestamp::from_second(expires_at).unwrap();
        let (id, pool) = (id.parse().unwrap(), pool.parse().unwrap());
        User(tenancy_core::trust::token_verified(id, pool, expires_at))
    }

    // a map compares only what its hashes say is alike: by lookups alone, this is seen one time in a hundred
    #[test]
    fn one_user_is_one_id_in_one_pool() {
        let alice = user("alice", "T-free", 1);
        for (other, same) in [
            (user("alice", "T-free", 1), true),
            (user("alice", "T-free", 2), true),
            (user("bob", "T-free", 1), false),
            (user("alice", "T-other", 1), false),
            (user("bob", "T-other", 1), false),
        ] {
            assert_eq!(alice == other, same, "{:?}", other.0);
        }
    }

    #[test]
    fn a_failure_that_is_over_lends_no_belief_to_what_came_after() {
        let mut timing = Timing::default();
        timing.fresh = timing.retry / 5;
        let failed_at = Instant::now();
        let answered_at = failed_at + timing.retry;
        let mut state = State {
            failure: Some((failed_at, "broken".into())),
            ..State::default()
        };
        settle(&mut state, Ok(Account::Disabled), answered_at);
        let verdict = state.decide(answered_at + timing.fresh, &timing);
        assert!(matches!(verdict, Verdict::Wait), "{verdict:?}");
    }
}
