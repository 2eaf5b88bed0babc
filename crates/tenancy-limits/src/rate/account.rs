//! One key's count and its lease: data and decisions only, no clock and no store.

use std::time::Duration;

use super::{
    lease::{Answer, Asked, Lease, Question},
    standing::Standing,
    terms::{Mode, Terms},
    window::{Window, age},
};

/// When to come again for who is refused because the store's answer is not there yet.
const ANSWER: Duration = Duration::from_millis(100);

/// What one tenant or user has used, and what it may use.
#[derive(Debug, Default)]
pub(crate) struct Account {
    window: Window,
    /// Only where replicas share.
    lease: Option<Box<Lease>>,
    /// Until when it has been said that the limit is near.
    said_near: Duration,
}

impl Account {
    /// How the key stands.
    pub(crate) fn standing(&mut self, now: Duration, terms: &Terms, mode: Mode) -> Standing {
        let used = self.window.used(now, terms.piece());
        match mode {
            Mode::Local => self.counted(used, terms.limit, now, terms),
            Mode::Degraded => self.counted(used, terms.alone(), now, terms),
            Mode::Shared(era) => {
                let lease = self.lease.get_or_insert_default();
                lease.in_era(era);
                if used >= terms.limit {
                    // as much by this process alone: the limit has sunk below what is leased
                    return self.counted(used, terms.limit, now, terms);
                }
                leased(lease, now, terms)
            }
        }
    }

    fn counted(&self, used: u64, limit: u64, now: Duration, terms: &Terms) -> Standing {
        let piece = terms.piece();
        let retry_after = match limit {
            0 => terms.window,
            _ => self.window.free_in(limit, now, piece),
        };
        Standing {
            allowed: used < limit,
            remaining: limit.saturating_sub(used),
            retry_after,
            reset: self.window.empty_in(now, piece),
        }
    }

    /// Counts a request that goes on.
    pub(crate) fn pass(&mut self, now: Duration, terms: &Terms, mode: Mode) {
        self.window.record(now, terms.piece());
        if let (Mode::Shared(_), Some(lease)) = (mode, &mut self.lease) {
            if lease.usable(now) > 0 {
                lease.left -= 1;
            } else {
                lease.unasked += 1;
            }
        }
    }

    /// The question that is due, if one is and none is on its way.
    pub(crate) fn ask(&mut self, now: Duration, terms: &Terms) -> Option<Question> {
        let lease = self.lease.as_ref()?;
        let told_nothing = lease.nothing.is_some_and(|(until, _)| now < until) && lease.usable(now) == 0;
        if lease.asked.is_some() || told_nothing || !lease.runs_out(now, terms.life()) {
            return None;
        }
        let wanted = (self.window.recent(now, terms.piece()) * 2 + 1).min(terms.most());
        let more = wanted.saturating_sub(lease.usable(now));
        (more > 0 || lease.unasked > 0).then(|| self.question(now, terms, more))
    }

    /// The question that gives back what is not used; `None` when it is used or a question is on its way.
    pub(crate) fn give_back(&mut self, now: Duration, terms: &Terms, piece: u64) -> Option<Question> {
        let lease = self.lease.as_mut()?;
        if lease.asked.is_some() || lease.piece != piece || lease.left == 0 {
            return None;
        }
        lease.left = 0;
        Some(self.question(now, terms, 0))
    }

    fn question(&mut self, now: Duration, terms: &Terms, more: u64) -> Question {
        let lease = self.lease.get_or_insert_default();
        lease.left = lease.usable(now);
        let told = if lease.memory == 0 {
            self.window.tell_all()
        } else {
            self.window.tell()
        };
        let piece = terms.piece();
        let passed = told.iter().map(|(at, n)| (age(*at, now, piece), *n)).collect();
        let unasked = lease.unasked;
        lease.asked = Some(Asked {
            at: now,
            told,
            unasked,
        });
        Question {
            limit: terms.limit,
            memory: lease.memory,
            returned: (lease.piece, lease.size),
            kept: lease.left,
            more,
            passed,
        }
    }

    /// The store has forgotten what it knew: the question again, with everything.
    pub(crate) fn ask_anew(&mut self, now: Duration, terms: &Terms, more: u64) -> Question {
        if let Some(lease) = &mut self.lease {
            (lease.memory, lease.size) = (0, 0);
        }
        self.question(now, terms, more)
    }

    /// The store has spoken, in answer to a question that kept `kept`.
    pub(crate) fn answered(&mut self, now: Duration, terms: &Terms, kept: u64, answer: &Answer) {
        let Some(lease) = &mut self.lease else { return };
        let Some(asked) = lease.asked.take() else { return };
        // what was used meanwhile came out of what was kept, and what passed unasked comes out of what was granted
        let used = kept.saturating_sub(lease.left);
        let untold = lease.unasked.saturating_sub(asked.unasked);
        lease.left = answer.leased.saturating_sub(used);
        lease.unasked = untold.saturating_sub(lease.left);
        lease.left = lease.left.saturating_sub(untold);
        (lease.size, lease.piece) = (answer.leased, answer.piece);
        lease.until = asked.at + terms.life();
        lease.memory = answer.memory;
        lease.remaining = Some(answer.remaining);
        lease.reset_at = now + answer.reset;
        lease.nothing = (answer.remaining == 0).then_some((now + answer.retry_after, terms.limit));
    }

    /// The store has not spoken. What it was told may be lost, and so may the lease.
    pub(crate) fn unanswered(&mut self) {
        let Some(lease) = &mut self.lease else { return };
        if let Some(asked) = lease.asked.take() {
            self.window.untell(&asked.told);
        }
        (lease.left, lease.size) = (0, 0);
    }

    /// Whether it is time to say that the limit is near: from 80 % on, once a window.
    pub(crate) fn says_near(&mut self, now: Duration, terms: &Terms, remaining: u64) -> bool {
        let near = remaining.saturating_mul(5) <= terms.limit && now >= self.said_near;
        if near {
            self.said_near = now + terms.window;
        }
        near
    }

    /// How much would be forgotten with it: 0 when nothing would.
    pub(crate) fn weight(&mut self, now: Duration, piece: Duration) -> u64 {
        self.window.used(now, piece)
    }
}

/// Where replicas share: the lease first, then what the store said, then a little that is charged afterwards.
fn leased(lease: &Lease, now: Duration, terms: &Terms) -> Standing {
    let usable = lease.usable(now);
    let nothing = lease
        .nothing
        .filter(|(until, limit)| now < *until && terms.limit <= *limit);
    let unasked = match lease.remaining {
        Some(remaining) if remaining < terms.near_the_end() => 1,
        _ => terms.unasked(),
    };
    let (allowed, retry_after) = match nothing {
        _ if usable > 0 => (true, Duration::ZERO),
        Some((until, _)) => (false, until.saturating_sub(now)),
        None => (lease.unasked < unasked, ANSWER),
    };
    let known = lease.remaining.unwrap_or(terms.limit);
    Standing {
        allowed,
        remaining: (known + usable).saturating_sub(lease.unasked).min(terms.limit),
        retry_after,
        reset: lease.reset_at.saturating_sub(now),
    }
}

#[cfg(test)]
mod tests;
