//! What is known of one user's account, and what follows from it. No I/O: time is an argument, verdicts are data.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};

use super::{account::Account, options::Timing};

#[derive(Debug, Default)]
pub(super) struct State {
    /// What was last answered, and when it was asked for.
    pub(super) answer: Option<(Account, Instant)>,
    /// When the last lookup failed, and why, unless one succeeded since.
    pub(super) failure: Option<(Instant, Arc<str>)>,
    /// Closed when the lookup has ended, however it ended.
    pub(super) flight: Option<watch::Receiver<()>>,
}

#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// Here it is.
    Serve(Account),
    /// Here it is; look again, without waiting for it.
    ServeAndRefresh(Account),
    /// Wait for a lookup, the one under way or a new one, and ask again.
    Wait,
    /// It can't be known.
    Down(Arc<str>),
}

impl State {
    pub(super) fn decide(&self, now: Instant, timing: &Timing) -> Verdict {
        let rests = self.in_flight() || self.failed_within(timing.retry, now);
        if let Some((account, asked_at)) = self.answer {
            let age = now.saturating_duration_since(asked_at);
            // who serves beyond freshness was asked about a moment ago, in vain
            let believed =
                age < timing.fresh || (age < timing.stale && self.failed_within(timing.retry * 2, now));
            if believed && (rests || age < timing.fresh * 4 / 5) {
                return Verdict::Serve(account);
            }
            if believed {
                return Verdict::ServeAndRefresh(account);
            }
        }
        match &self.failure {
            Some((_, why)) if rests && !self.in_flight() => Verdict::Down(Arc::clone(why)),
            _ => Verdict::Wait,
        }
    }

    pub(super) fn in_flight(&self) -> bool {
        self.flight
            .as_ref()
            .is_some_and(|flight| flight.has_changed().is_ok())
    }

    fn failed_within(&self, span: Duration, now: Instant) -> bool {
        let failure = self.failure.as_ref();
        failure.is_some_and(|(at, _)| now.saturating_duration_since(*at) < span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        start: Instant,
        state: State,
        flight: Option<watch::Sender<()>>,
    }

    impl Case {
        fn unknown() -> Self {
            Self {
                start: Instant::now(),
                state: State::default(),
                flight: None,
            }
        }

        /// Asked for at 0 s.
        fn known() -> Self {
            let mut case = Self::unknown();
            case.state.answer = Some((Account::Disabled, case.start));
            case
        }

        fn failed(mut self, at: u64) -> Self {
            self.state.failure = Some((self.start + Duration::from_secs(at), "broken".into()));
            self
        }

        fn in_flight(mut self) -> Self {
            let (sender, receiver) = watch::channel(());
            self.state.flight = Some(receiver);
            self.flight = Some(sender);
            self
        }

        #[track_caller]
        fn check(&self, at: u64, expect: &str) {
            let now = self.start + Duration::from_secs(at);
            let verdict = match self.state.decide(now, &Timing::default()) {
                Verdict::Serve(_) => "serve",
                Verdict::ServeAndRefresh(_) => "serve and refresh",
                Verdict::Wait => "wait",
                Verdict::Down(_) => "down",
            };
            assert_eq!(verdict, expect, "at {at} s");
        }
    }

    #[test]
    fn who_is_not_known_is_waited_for() {
        Case::unknown().check(0, "wait");
        Case::unknown().in_flight().check(0, "wait");
        let failed = Case::unknown().failed(10);
        failed.check(10, "down");
        failed.check(14, "down");
        failed.check(15, "wait");
        failed.in_flight().check(14, "wait");
    }

    #[test]
    fn an_answer_is_believed_for_a_minute_and_renewed_before() {
        let case = Case::known();
        case.check(0, "serve");
        case.check(47, "serve");
        case.check(48, "serve and refresh");
        case.check(59, "serve and refresh");
        case.check(60, "wait");
        let renewing = case.in_flight();
        renewing.check(59, "serve");
        renewing.check(60, "wait");
    }

    #[test]
    fn an_old_answer_is_believed_only_when_a_lookup_failed_a_moment_ago() {
        let case = Case::known().failed(50);
        case.check(54, "serve");
        case.check(55, "serve and refresh");
        case.check(59, "serve and refresh");
        let case = Case::known().failed(100);
        case.check(104, "serve");
        case.check(105, "serve and refresh");
        case.check(109, "serve and refresh");
        case.check(110, "wait");
        case.in_flight().check(109, "serve");
    }

    #[test]
    fn the_oldest_answer_is_believed_no_more() {
        let case = Case::known().failed(599);
        case.check(599, "serve");
        case.check(600, "down");
        case.check(604, "wait");
    }
}
