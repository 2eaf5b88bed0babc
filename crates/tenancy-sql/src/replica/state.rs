//! Whether a replica is tried: plain data, no I/O.

use std::time::Duration;

use tokio::time::Instant;

/// How long a replica rests that is behind: at first, and at most.
const BEHIND: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How long one rests that is away or not what it was taken for.
const AWAY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));
/// How long a proof may take.
pub(super) const PROOF: Duration = Duration::from_secs(40);

/// Whether a replica is tried. One that failed rests, twice as long each time, and is not dialled for a reader: one that was
/// away is looked at beside them first.
#[derive(Debug)]
pub(super) struct State {
    /// It was audited, by the role that reads.
    audited: bool,
    /// It is to be looked at before it is read from.
    away: bool,
    rests: Option<Instant>,
    step: Duration,
}

/// What a reader is to do with a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Read from it.
    Read,
    /// Have it proven, beside, and go on.
    Prove,
    /// Leave it: it was behind, or away.
    Behind,
    Away,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            audited: false,
            away: true,
            rests: None,
            step: Duration::ZERO,
        }
    }

    /// What the next reader is to do. Of those that come when a rest is over, one tries and the others go on.
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        let over = self.rests.is_none_or(|until| now >= until);
        match (over, self.away) {
            (false, false) => Turn::Behind,
            (false, true) => Turn::Away,
            (true, true) => {
                self.rests = Some(now + PROOF);
                Turn::Prove
            }
            (true, false) => {
                self.rests = self.rests.map(|_| now + self.step);
                Turn::Read
            }
        }
    }

    pub(super) fn is_audited(&self) -> bool {
        self.audited
    }

    /// It is what it should be.
    pub(super) fn proven(&mut self) {
        self.audited = true;
        self.well();
    }

    /// It was read from.
    pub(super) fn well(&mut self) {
        (self.away, self.rests, self.step) = (false, None, Duration::ZERO);
    }

    /// It has not replayed what it should have.
    pub(super) fn behind(&mut self, now: Instant) {
        self.rest(now, BEHIND);
    }

    /// It can't be reached.
    pub(super) fn away(&mut self, now: Instant) {
        self.away = true;
        self.rest(now, AWAY);
    }

    /// It is not what it was taken for: all of it is to be proven again.
    pub(super) fn not_it(&mut self, now: Instant) {
        self.audited = false;
        self.away(now);
    }

    fn rest(&mut self, now: Instant, (first, most): (Duration, Duration)) {
        self.step = (self.step * 2).clamp(first, most);
        self.rests = Some(now + self.step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    /// When a replica that fails again and again is tried, in milliseconds.
    fn tried(fail: fn(&mut State, Instant), proven: bool) -> Vec<u64> {
        let (start, mut state) = (Instant::now(), State::new());
        if proven {
            state.proven();
        }
        let mut tried = Vec::new();
        for n in 0..100_000 {
            let now = start + n * MILLI;
            if matches!(state.turn(now), Turn::Read | Turn::Prove) {
                tried.push(n.into());
                fail(&mut state, now);
            }
        }
        tried
    }

    #[test]
    fn one_that_fails_is_tried_ever_less() {
        let behind = tried(State::behind, true);
        assert_eq!(behind[..7], [0, 50, 150, 350, 750, 1_550, 2_550]);
        let away = tried(State::away, true);
        let doubling = [
            0, 100, 300, 700, 1_500, 3_100, 6_300, 12_700, 25_500, 51_100, 81_100,
        ];
        assert_eq!(away, doubling);
        assert_eq!(tried(State::not_it, false), doubling);
    }

    #[test]
    fn one_reader_tries_and_the_others_go_on() {
        let (now, mut state) = (Instant::now(), State::new());
        assert_eq!(state.turn(now), Turn::Prove, "at first it is not known");
        assert_eq!(state.turn(now), Turn::Away);
        assert_eq!(state.turn(now + PROOF), Turn::Prove, "a proof that never ended");
        state.proven();
        assert_eq!([state.turn(now), state.turn(now)], [Turn::Read; 2]);
        state.behind(now);
        assert_eq!(state.turn(now), Turn::Behind);
        let later = now + BEHIND.0;
        assert_eq!([state.turn(later), state.turn(later)], [Turn::Read, Turn::Behind]);
        state.well();
        assert_eq!(state.turn(later), Turn::Read);
        state.away(now);
        assert!(state.is_audited());
        assert_eq!(state.turn(later), Turn::Away);
        assert_eq!(state.turn(now + AWAY.0), Turn::Prove);
        state.not_it(now);
        assert!(!state.is_audited());
    }
}
