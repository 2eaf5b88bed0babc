//! What a key cache knows, and what follows from it. No I/O: time is an argument, verdicts are data.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};

use super::{Key, key_set::KeySet, source::Timing};

/// What a cache knows.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) keys: Option<KeySet>,
    pub(super) attempt: Option<Attempt>,
    /// Closed when the fetch has ended, however it ended.
    pub(super) flight: Option<watch::Receiver<()>>,
}

/// The last fetch that ended.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) ended_at: Instant,
    /// Why it failed, for the log.
    pub(super) failure: Option<Arc<str>>,
}

/// What to do for a token that names a key.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// Here it is.
    Serve(Arc<Key>),
    /// Here it is; fetch the keys again, without waiting for them.
    ServeAndRefresh(Arc<Key>),
    /// Wait for a fetch, the one under way or a new one, and ask again.
    Wait,
    /// The server has no such key.
    Unknown,
    /// It can't be known whether there is such a key: the server failed.
    Down(Arc<str>),
}

impl State {
    /// What to do for a token with this `kid`.
    pub(super) fn decide(&self, kid: &str, now: Instant, timing: &Timing) -> Verdict {
        let Some(keys) = self.keys.as_ref().filter(|keys| now < keys.usable_until) else {
            return self.without_keys(now, timing);
        };
        match keys.get(kid) {
            Some(key) if now < keys.refresh_at => Verdict::Serve(key),
            Some(key) if now < keys.fresh_until || self.failed_lately(now, timing) => {
                if self.ended_within(timing.cool_down, now) {
                    Verdict::Serve(key)
                } else {
                    Verdict::ServeAndRefresh(key)
                }
            }
            Some(_) => Verdict::Wait,
            None => self.without_key(now, timing),
        }
    }

    fn without_keys(&self, now: Instant, timing: &Timing) -> Verdict {
        match self.failure() {
            Some(why) if !self.in_flight() && self.ended_within(timing.retry, now) => {
                Verdict::Down(Arc::clone(why))
            }
            _ => Verdict::Wait,
        }
    }

    /// Anyone can invent a `kid`, so an unknown one costs at most one fetch in a cool-down.
    fn without_key(&self, now: Instant, timing: &Timing) -> Verdict {
        if self.in_flight() || !self.ended_within(timing.cool_down, now) {
            return Verdict::Wait;
        }
        match self.failure() {
            Some(why) => Verdict::Down(Arc::clone(why)),
            None => Verdict::Unknown,
        }
    }

    pub(super) fn in_flight(&self) -> bool {
        self.flight
            .as_ref()
            .is_some_and(|flight| flight.has_changed().is_ok())
    }

    fn failure(&self) -> Option<&Arc<str>> {
        self.attempt.as_ref()?.failure.as_ref()
    }

    /// Keys that are no longer fresh serve only when the server was asked a moment ago and failed. Twice the cool-down:
    /// under traffic the next attempt runs beside the requests, and nobody waits for it.
    fn failed_lately(&self, now: Instant, timing: &Timing) -> bool {
        self.failure().is_some() && self.ended_within(timing.cool_down * 2, now)
    }

    fn ended_within(&self, span: Duration, now: Instant) -> bool {
        let attempt = self.attempt.as_ref();
        attempt.is_some_and(|attempt| now.saturating_duration_since(attempt.ended_at) < span)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use jsonwebtoken::{Algorithm, DecodingKey};

    use super::*;

    /// Keys fetched at 0 s, fresh for 100 s, usable for 200 s more.
    fn timing() -> Timing {
        Timing {
            min_fresh: Duration::from_secs(100),
            stale: Duration::from_secs(200),
            ..Timing::default()
        }
    }

    struct Case {
        start: Instant,
        state: State,
        flight: Option<watch::Sender<()>>,
    }

    impl Case {
        fn empty() -> Self {
            Self {
                start: Instant::now(),
                state: State::default(),
                flight: None,
            }
        }

        fn with_keys() -> Self {
            let mut case = Self::empty();
            let key = Key::new(DecodingKey::from_rsa_raw_components(&[1], &[1]), Algorithm::RS256);
            let keys = HashMap::from([("known".into(), key)]);
            case.state.keys = Some(KeySet::new(keys, Duration::ZERO, case.start, &timing()));
            case.ended(0, None)
        }

        fn ended(mut self, at: u64, failure: Option<&str>) -> Self {
            self.state.attempt = Some(Attempt {
                ended_at: self.start + Duration::from_secs(at),
                failure: failure.map(Arc::from),
            });
            self
        }

        fn in_flight(mut self) -> Self {
            let (sender, receiver) = watch::channel(());
            self.state.flight = Some(receiver);
            self.flight = Some(sender);
            self
        }

        #[track_caller]
        fn check(&self, kid: &str, at: u64, expect: &str) {
            let now = self.start + Duration::from_secs(at);
            let verdict = match self.state.decide(kid, now, &timing()) {
                Verdict::Serve(_) => "serve".to_owned(),
                Verdict::ServeAndRefresh(_) => "serve and refresh".to_owned(),
                Verdict::Wait => "wait".to_owned(),
                Verdict::Unknown => "unknown".to_owned(),
                Verdict::Down(why) => format!("down: {why}"),
            };
            assert_eq!(verdict, expect, "{kid} at {at} s");
        }
    }

    #[test]
    fn without_keys_the_first_fetch_is_waited_for() {
        Case::empty().check("any", 0, "wait");
        Case::empty().in_flight().check("any", 0, "wait");
    }

    #[test]
    fn without_keys_a_failed_fetch_is_repeated_after_a_second() {
        let case = Case::empty().ended(10, Some("broken"));
        case.check("any", 10, "down: broken");
        case.check("any", 11, "wait");
        Case::empty()
            .ended(10, Some("broken"))
            .in_flight()
            .check("any", 10, "wait");
    }

    #[test]
    fn keys_are_refreshed_beside_requests_before_they_expire() {
        let case = Case::with_keys();
        case.check("known", 79, "serve");
        case.check("known", 80, "serve and refresh");
        case.check("known", 99, "serve and refresh");
        case.check("known", 100, "wait");
    }

    #[test]
    fn keys_past_their_freshness_serve_only_when_the_server_failed_a_moment_ago() {
        let case = Case::with_keys().ended(85, Some("broken"));
        case.check("known", 85, "serve");
        case.check("known", 114, "serve");
        case.check("known", 115, "serve and refresh");
        case.check("known", 144, "serve and refresh");
        case.check("known", 145, "wait");
        Case::with_keys()
            .ended(200, Some("broken"))
            .check("known", 201, "serve");
    }

    #[test]
    fn keys_past_the_hard_cap_serve_no_more() {
        let case = Case::with_keys().ended(299, Some("broken"));
        case.check("known", 299, "serve");
        case.check("known", 300, "wait");
        Case::with_keys()
            .ended(300, Some("broken"))
            .check("known", 300, "down: broken");
    }

    #[test]
    fn an_unknown_kid_causes_one_fetch_in_a_cool_down() {
        let case = Case::with_keys();
        case.check("unknown", 29, "unknown");
        case.check("unknown", 30, "wait");
        case.in_flight().check("unknown", 29, "wait");
        Case::with_keys().ended(31, None).check("unknown", 60, "unknown");
    }

    #[test]
    fn an_unknown_kid_is_not_called_unknown_when_the_server_failed() {
        let case = Case::with_keys().ended(30, Some("broken"));
        case.check("unknown", 31, "down: broken");
        case.check("unknown", 60, "wait");
    }

    #[test]
    fn a_fetch_that_ended_without_a_word_is_not_under_way() {
        let mut case = Case::with_keys().in_flight();
        case.flight = None;
        case.check("unknown", 29, "unknown");
    }
}
