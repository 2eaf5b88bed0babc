//! How soon a database that gave no connection is asked for one again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use parking_lot::Mutex;
use tenancy_core::Error;
use tokio::time::Instant;

/// How long it is left alone after the first time. Each further one doubles it.
const FIRST: Duration = Duration::from_millis(50);
/// How long at most, so that one that is back is not missed for long.
const MOST: Duration = Duration::from_secs(1);

/// Open while the database gives connections. After it gave none, one caller asks it in each pause, and pauses grow.
#[derive(Default)]
pub(super) struct Gate {
    shut: Mutex<Shut>,
}

#[derive(Default)]
struct Shut {
    /// How often in a row it gave none.
    times: u32,
    until: Option<Instant>,
    /// What the last of them said.
    why: String,
}

/// The leave to ask the database once.
pub(super) struct Pass {
    times: u32,
}

impl Gate {
    /// Until when nobody may ask, if not now.
    pub(super) fn shut_until(&self, now: Instant) -> Option<Instant> {
        self.shut.lock().until.filter(|until| *until > now)
    }

    /// The leave to ask now. Who else comes waits for what this one hears, a pause at most.
    pub(super) fn pass(&self, now: Instant) -> Option<Pass> {
        let mut shut = self.shut.lock();
        if shut.until.is_some_and(|until| until > now) {
            return None;
        }
        if shut.times > 0 {
            shut.until = Some(now + pause(shut.times));
        }
        Some(Pass { times: shut.times })
    }

    /// The database gave a connection.
    pub(super) fn opened(&self) {
        let mut shut = self.shut.lock();
        if shut.times > 0 {
            *shut = Shut::default();
        }
    }

    /// It gave none. Of those that asked at one time the first counts.
    pub(super) fn failed(&self, pass: &Pass, error: &Error, now: Instant) {
        let mut shut = self.shut.lock();
        if shut.times == pass.times {
            shut.times = shut.times.saturating_add(1);
            shut.until = Some(now + pause(shut.times));
            error.log().unwrap_or_default().clone_into(&mut shut.why);
        }
    }

    /// Why a caller is not let through.
    pub(super) fn refusal(&self) -> Error {
        let why = &self.shut.lock().why;
        Error::unavailable(format!("{why}; it is asked again within {} ms", MOST.as_millis()))
    }
}

/// Between half of what it could be and that: processes that lost one database do not come back in step.
fn pause(times: u32) -> Duration {
    let doubled = 1_u32.checked_shl(times.saturating_sub(1)).unwrap_or(u32::MAX);
    let most = FIRST.saturating_mul(doubled).min(MOST);
    let random = RandomState::new().hash_one(times) % 1024;
    most.mul_f64(0.5 + f64::from(u32::try_from(random).unwrap_or(0)) / 2048.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> Error {
        Error::unavailable("it is down")
    }

    #[test]
    fn pauses_grow_to_a_bound_and_differ() {
        for (times, most) in [
            (1, 50),
            (2, 100),
            (3, 200),
            (6, 1000),
            (7, 1000),
            (u32::MAX, 1000),
        ] {
            let most = Duration::from_millis(most);
            let pauses: Vec<_> = (0..100).map(|_| pause(times)).collect();
            assert!(
                pauses.iter().all(|one| (most / 2..=most).contains(one)),
                "{times}: {pauses:?}"
            );
            assert!(pauses.iter().any(|one| *one != pauses[0]), "{times}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_asks_in_each_pause_and_success_opens_it_for_all() {
        let (gate, now) = (Gate::default(), Instant::now);
        let at_once: Vec<_> = (0..8).map(|_| gate.pass(now()).unwrap()).collect();
        for pass in &at_once {
            gate.failed(pass, &down(), now());
        }
        let until = gate.shut_until(now()).unwrap();
        assert!(
            until - now() <= FIRST,
            "eight that failed together are one failure"
        );
        assert!(gate.pass(now()).is_none());
        assert!(gate.refusal().log().unwrap().contains("it is down"));

        let mut asked = 0;
        for _ in 0..60_000 {
            if let Some(pass) = gate.pass(now()) {
                asked += 1;
                assert!(gate.pass(now()).is_none(), "one at a time");
                gate.failed(&pass, &down(), now());
            }
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!((60..=130).contains(&asked), "{asked} times in a minute");

        tokio::time::advance(MOST).await;
        let pass = gate.pass(now()).unwrap();
        gate.opened();
        gate.failed(&pass, &down(), now());
        assert!(
            gate.shut_until(now()).is_none(),
            "what was said before it opened is old"
        );
        assert!(gate.pass(now()).is_some() && gate.pass(now()).is_some());
    }
}
