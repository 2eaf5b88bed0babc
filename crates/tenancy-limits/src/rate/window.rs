//! A sliding window, in pieces.

use std::{collections::VecDeque, time::Duration};

/// How many pieces a window has. What passed in a piece is forgotten when the whole piece is a window old, so that no window,
/// wherever it begins, holds more than the limit; a caller at full speed gets 1 % less than the limit for it.
pub(crate) const PIECES: u64 = 100;

/// What passed in one piece of time.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The piece, counted from the process's start.
    at: u64,
    /// How many passed.
    used: u32,
    /// How many of them no shared store has been told of.
    untold: u32,
}

/// What passed in the last window. As large as the number of pieces in which something did, 101 at most.
#[derive(Debug, Default)]
pub(crate) struct Window {
    slots: VecDeque<Slot>,
    used: u64,
}

impl Window {
    /// How many passed in the window that ends now.
    pub(crate) fn used(&mut self, now: Duration, piece: Duration) -> u64 {
        let oldest = number(now, piece).saturating_sub(PIECES);
        while let Some(slot) = self.slots.front().filter(|slot| slot.at < oldest) {
            self.used = self.used.saturating_sub(u64::from(slot.used));
            self.slots.pop_front();
        }
        self.used
    }

    /// Counts one.
    pub(crate) fn record(&mut self, now: Duration, piece: Duration) {
        let at = number(now, piece);
        self.used += 1;
        match self.slots.back_mut().filter(|slot| slot.at >= at) {
            Some(slot) => {
                slot.used = slot.used.saturating_add(1);
                slot.untold = slot.untold.saturating_add(1);
            }
            None => self.slots.push_back(Slot {
                at,
                used: 1,
                untold: 1,
            }),
        }
    }

    /// How long until fewer than `limit` are in the window.
    pub(crate) fn free_in(&self, limit: u64, now: Duration, piece: Duration) -> Duration {
        let mut left = self.used;
        let leaves = self.slots.iter().find(|slot| {
            left = left.saturating_sub(u64::from(slot.used));
            left < limit
        });
        leaves.map_or(Duration::ZERO, |slot| forgotten_in(slot, now, piece))
    }

    /// How long until the window is empty.
    pub(crate) fn empty_in(&self, now: Duration, piece: Duration) -> Duration {
        self.slots
            .back()
            .map_or(Duration::ZERO, |slot| forgotten_in(slot, now, piece))
    }

    /// How many passed in the busier of this piece and the one before.
    pub(crate) fn recent(&self, now: Duration, piece: Duration) -> u64 {
        let at = number(now, piece);
        let last = self.slots.iter().rev().take(2);
        let recent = last.filter(|slot| slot.at + 1 >= at);
        recent.map(|slot| u64::from(slot.used)).max().unwrap_or(0)
    }

    /// What no store has been told of, oldest first: the piece and how many. It counts as told from now on.
    pub(crate) fn tell(&mut self) -> Vec<(u64, u32)> {
        let slots = self.slots.iter_mut().filter(|slot| slot.untold > 0);
        slots
            .map(|slot| (slot.at, std::mem::take(&mut slot.untold)))
            .collect()
    }

    /// Everything in the window, oldest first. It counts as told from now on.
    pub(crate) fn tell_all(&mut self) -> Vec<(u64, u32)> {
        let all = |slot: &mut Slot| {
            slot.untold = 0;
            (slot.at, slot.used)
        };
        self.slots.iter_mut().map(all).collect()
    }

    /// What was told got lost on the way.
    pub(crate) fn untell(&mut self, told: &[(u64, u32)]) {
        for (at, count) in told {
            if let Some(slot) = self.slots.iter_mut().find(|slot| slot.at == *at) {
                slot.untold = slot.untold.saturating_add(*count).min(slot.used);
            }
        }
    }
}

/// The piece that a moment is in.
fn number(now: Duration, piece: Duration) -> u64 {
    nanos(now) / nanos(piece).max(1)
}

/// How long ago a piece ended; zero for the one that has not.
pub(super) fn age(at: u64, now: Duration, piece: Duration) -> Duration {
    now.saturating_sub(begin(at.saturating_add(1), piece))
}

fn forgotten_in(slot: &Slot, now: Duration, piece: Duration) -> Duration {
    begin(slot.at.saturating_add(PIECES + 1), piece).saturating_sub(now)
}

fn begin(at: u64, piece: Duration) -> Duration {
    Duration::from_nanos(at.saturating_mul(nanos(piece)))
}

/// Nanoseconds since the start: enough of them for five centuries.
fn nanos(time: Duration) -> u64 {
    time.as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::from(time.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: Duration = Duration::from_millis(10);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn what_passed_is_forgotten_a_window_later_and_not_before() {
        let mut window = Window::default();
        for at in [5, 9, 500] {
            window.record(ms(at), PIECE);
        }
        // a window is 1,000 ms; the piece of 0 to 10 ms is forgotten at 1,010
        let check = |window: &mut Window, at, expect| assert_eq!(window.used(ms(at), PIECE), expect, "{at}");
        check(&mut window, 1_009, 3);
        assert_eq!(window.free_in(3, ms(1_009), PIECE), ms(1));
        assert_eq!(window.free_in(1, ms(1_009), PIECE), ms(501));
        assert_eq!(window.empty_in(ms(1_009), PIECE), ms(501));
        check(&mut window, 1_010, 1);
        check(&mut window, 1_510, 0);
        assert_eq!(window.empty_in(ms(1_510), PIECE), ms(0));
    }

    #[test]
    fn what_was_told_is_told_once_unless_it_got_lost() {
        let mut window = Window::default();
        for at in [5, 9, 25] {
            window.record(ms(at), PIECE);
        }
        let told = window.tell();
        assert_eq!(told, [(0, 2), (2, 1)]);
        assert_eq!(window.tell(), []);
        window.untell(&told);
        window.record(ms(26), PIECE);
        assert_eq!(window.tell(), [(0, 2), (2, 2)]);
        assert_eq!(window.tell_all(), [(0, 2), (2, 2)]);
    }
}
