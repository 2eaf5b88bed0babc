//! When a proof holds.

use jiff::Timestamp;

use crate::token::Refusal;

/// How far two machines' clocks may be apart, in seconds. Less than for tokens from outside: these are machines of one
/// platform, and the proofs are short.
const LEEWAY: i64 = 10;

/// The times of a proof, in seconds since 1970 (RFC 7519 section 4.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

impl Times {
    /// Checks the times; gives the end. `longest` is the most seconds that a proof may hold.
    pub(crate) fn check(self, now: i64, longest: i64) -> Result<Timestamp, Refusal> {
        let Self { iat, exp } = self;
        if exp <= now.saturating_sub(LEEWAY) {
            return Err(Refusal::EXPIRED);
        }
        if iat > now.saturating_add(LEEWAY) {
            return Err(Refusal::claim("iat", "is in the future"));
        }
        if exp <= iat || exp.saturating_sub(iat) > longest {
            return Err(Refusal::claim("exp", "is too long after `iat`, or before it"));
        }
        Timestamp::from_second(exp).map_err(|_| Refusal::claim("exp", "is no time"))
    }

    /// Before that nobody can have used it: what is needed to know whether somebody did.
    pub(crate) fn made_from(self) -> Timestamp {
        Timestamp::from_second(self.iat.saturating_sub(LEEWAY)).unwrap_or(Timestamp::MIN)
    }

    /// From when on it can't be used again by anybody: how long one has to remember that it was.
    pub(crate) fn forgotten_at(self) -> Timestamp {
        Timestamp::from_second(self.exp.saturating_add(LEEWAY)).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn check(iat: i64, exp: i64, expect: Result<(), &str>) {
        let times = Times {
            iat: NOW.saturating_add(iat),
            exp: NOW.saturating_add(exp),
        };
        let outcome = times
            .check(NOW, 300)
            .map(|_| ())
            .map_err(|refusal| refusal.to_string());
        assert_eq!(outcome, expect.map_err(str::to_owned), "iat {iat}, exp {exp}");
    }

    #[test]
    fn times_are_held_to_the_second() {
        let past = Err("claims: `exp` is past");
        let future = Err("claims: `iat` is in the future");
        let long = Err("claims: `exp` is too long after `iat`, or before it");
        check(0, 60, Ok(()));
        check(0, 300, Ok(()));
        check(0, 301, long);
        check(-69, -9, Ok(()));
        check(-70, -10, past);
        check(10, 70, Ok(()));
        check(11, 71, future);
        check(0, 0, long);
        check(5, 1, long);
        check(i64::MIN, 60, long);
        check(0, i64::MAX, long);
        check(i64::MAX, i64::MAX, future);
        check(i64::MIN, i64::MIN, past);
    }
}
