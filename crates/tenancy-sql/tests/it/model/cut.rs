//! Gives work up in the middle.

use std::{future::poll_fn, pin::pin, task::Poll};

use super::dice::Dice;

/// Where work is given up: at the so-manyth time that it waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    waits: u64,
    /// When it begins to wait then, and not when it is woken.
    at_once: bool,
}

impl Cut {
    /// One in three is cut.
    pub(super) fn roll(dice: &mut Dice) -> Option<Self> {
        let (cuts, far) = (dice.one_in(3), dice.one_in(3));
        let waits = dice.below(if far { 40 } else { 10 });
        let at_once = dice.one_in(2);
        cuts.then_some(Self { waits, at_once })
    }

    /// The work's answer, if it had one before.
    pub(super) async fn run<T>(self, work: impl Future<Output = T>) -> Option<T> {
        let (mut work, mut left) = (pin!(work), self.waits);
        poll_fn(|cx| {
            if left == 0 && !self.at_once && self.waits > 0 {
                return Poll::Ready(None);
            }
            match work.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending if left == 0 => Poll::Ready(None),
                Poll::Pending => {
                    left -= 1;
                    Poll::Pending
                }
            }
        })
        .await
    }
}
