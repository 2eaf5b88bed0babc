//! Whether a replica is tried: plain data, no I/O.

use std::time::Duration;

use tokio::time::Instant;

use super::{Refusal, Standby, Want};

/// How long a replica rests that is away or not what it was taken for: at first, and at most.
const AWAY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));
/// How long a proof may take.
pub(super) const PROOF: Duration = Duration::from_secs(40);
/// How long a replica that had not replayed what was wanted is believed to have not.
const BEHIND: Duration = Duration::from_millis(50);

/// Whether a replica is tried.
#[derive(Debug)]
pub(super) struct State {
    /// It was audited, by the role that reads.
    audited: bool,
    /// It is to be looked at before it is read from.
    away: bool,
    rests: Option<Instant>,
    step: Duration,
    /// What it said last.
    heard: Option<Standby>,
}

/// What a reader is to do with a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Read from it.
    Read,
    /// Have it proven, beside, and go on.
    Prove,
    /// Leave it: it just said that it has not what is wanted.
    Refused(Refusal),
    /// Leave it: it was away.
    Away,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            audited: false,
            away: true,
            rests: None,
            step: Duration::ZERO,
            heard: None,
        }
    }

    /// What the next reader is to do. One that was away is looked at beside the readers, ever less often: none waits for it. One
    /// that is behind is asked again when it was not for a moment; who wants less reads meanwhile.
    pub(super) fn turn(&mut self, want: &Want) -> Turn {
        let now = Instant::now();
        if !self.away {
            let heard = self.heard.filter(|heard| now < heard.at + BEHIND);
            let judged = heard.map_or(Ok(()), |heard| heard.judge(want));
            return judged.map_or_else(Turn::Refused, |()| Turn::Read);
        }
        if self.rests.is_some_and(|until| now < until) {
            return Turn::Away;
        }
        self.rests = Some(now + PROOF);
        Turn::Prove
    }

    pub(super) fn is_audited(&self) -> bool {
        self.audited
    }

    /// It is what it should be. One that is proven and then can't be read from rests for longer still: it answers some.
    pub(super) fn proven(&mut self) {
        *self = Self {
            audited: true,
            away: false,
            step: self.step,
            ..Self::new()
        };
    }

    /// It answered, whatever it said.
    pub(super) fn heard(&mut self, said: Option<Standby>) {
        self.step = Duration::ZERO;
        let newer = |said: &Standby| self.heard.is_none_or(|heard| heard.at < said.at);
        self.heard = said.filter(newer).or(self.heard);
    }

    /// It can't be reached.
    pub(super) fn away(&mut self) {
        self.away = true;
        let (first, most) = AWAY;
        self.step = (self.step * 2).clamp(first, most);
        self.rests = Some(Instant::now() + self.step);
    }

    /// It is not what it was taken for: all of it is to be proven again.
    pub(super) fn not_it(&mut self) {
        self.audited = false;
        self.away();
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            position::{DatabaseId, History, Point},
            standby::Said,
        },
        *,
    };

    const MILLI: Duration = Duration::from_millis(1);

    fn point(lsn: u64) -> Point {
        let history = History {
            system: std::num::NonZeroU64::MIN,
            database: DatabaseId::of("core"),
            timeline: 1,
        };
        Point { history, lsn }
    }

    fn want(lsn: u64) -> Want {
        Want {
            point: point(lsn),
            until: None,
        }
    }

    fn said(lsn: u64) -> Option<Standby> {
        Some(Standby {
            said: Said::Replica(point(lsn)),
            at: Instant::now(),
        })
    }

    /// When a replica that fails each proof is proven, in milliseconds.
    async fn tried(mut state: State, fail: fn(&mut State)) -> Vec<u64> {
        let mut tried = Vec::new();
        for n in 0..100_000 {
            match state.turn(&want(1)) {
                Turn::Prove => {
                    tried.push(n);
                    fail(&mut state);
                }
                Turn::Away => {}
                other => panic!("{other:?}"),
            }
            tokio::time::advance(MILLI).await;
        }
        tried
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_away_is_looked_at_ever_less() {
        let doubling = [
            0, 100, 300, 700, 1_500, 3_100, 6_300, 12_700, 25_500, 51_100, 81_100,
        ];
        assert_eq!(tried(State::new(), State::away).await, doubling);
        assert_eq!(tried(State::new(), State::not_it).await, doubling);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_proven_and_breaks_rests_longer_until_it_was_read_from() {
        let mut state = State::new();
        let breaks = |is_read| {
            state.proven();
            if is_read {
                state.heard(said(1));
            }
            state.away();
            state.step.as_millis()
        };
        assert_eq!(
            [false, false, false, true, false].map(breaks),
            [100, 200, 400, 100, 200]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_reader_has_it_proven_and_the_others_go_on() {
        let mut state = State::new();
        assert_eq!(state.turn(&want(1)), Turn::Prove, "at first it is not known");
        assert_eq!(state.turn(&want(1)), Turn::Away);
        tokio::time::advance(PROOF).await;
        assert_eq!(state.turn(&want(1)), Turn::Prove, "a proof that never ended");
        state.proven();
        assert_eq!([state.turn(&want(1)), state.turn(&want(1))], [Turn::Read; 2]);
        state.away();
        assert!(state.is_audited());
        assert_eq!(state.turn(&want(1)), Turn::Away);
        state.not_it();
        assert!(!state.is_audited());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_behind_is_not_asked_again_at_once_and_who_wants_less_reads() {
        let mut state = State::new();
        state.proven();
        state.heard(said(10));
        let behind = Turn::Refused(Refusal::Behind);
        let turns = |state: &mut State| [9, 10, 11].map(|lsn| state.turn(&want(lsn)));
        assert_eq!(turns(&mut state), [Turn::Read, Turn::Read, behind]);
        tokio::time::advance(BEHIND - MILLI).await;
        assert_eq!(turns(&mut state), [Turn::Read, Turn::Read, behind]);
        let late = said(11);
        tokio::time::advance(MILLI).await;
        assert_eq!(turns(&mut state), [Turn::Read; 3]);
        state.heard(said(12));
        state.heard(late);
        state.heard(None);
        assert_eq!(state.turn(&want(12)), Turn::Read);
        assert_eq!(state.turn(&want(13)), behind);
    }
}
