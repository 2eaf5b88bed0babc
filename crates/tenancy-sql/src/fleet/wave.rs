//! Which databases come when.

use std::{collections::BTreeSet, fmt, str::FromStr};

use tenancy_core::Location;

/// How many databases a wave brings a run to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wave {
    /// This many more.
    Count(usize),
    /// This share of all, in percent, rounded up.
    Share(u8),
    /// All that are left.
    Rest,
}

/// Why a text is no wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a wave is a number of databases, a share such as `10%`, or `rest`")]
pub struct ParseWaveError;

impl FromStr for Wave {
    type Err = ParseWaveError;

    fn from_str(text: &str) -> Result<Self, ParseWaveError> {
        if text == "rest" {
            return Ok(Self::Rest);
        }
        if let Some(share) = text.strip_suffix('%') {
            let share = share.parse().ok().filter(|share| (1..=100).contains(share));
            return share.map(Self::Share).ok_or(ParseWaveError);
        }
        let count = text.parse().ok().filter(|&count| count > 0);
        count.map(Self::Count).ok_or(ParseWaveError)
    }
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{share}%"),
            Self::Rest => f.write_str("rest"),
        }
    }
}

/// The databases of each wave: the canaries first, then by name. Of the whole fleet, whatever is done already, so that a
/// resumed run has the same waves. What the waves do not cover is one more; an empty one is none.
pub(super) fn waves(fleet: &BTreeSet<Location>, canaries: &[Location], waves: &[Wave]) -> Vec<Vec<Location>> {
    let mut seen = BTreeSet::new();
    let known = canaries.iter().filter(|location| fleet.contains(*location));
    let order: Vec<&Location> = known
        .chain(fleet)
        .filter(|location| seen.insert(*location))
        .collect();
    let mut left = order.into_iter().cloned();
    let mut all = Vec::new();
    for wave in waves.iter().chain([&Wave::Rest]) {
        let count = match *wave {
            Wave::Count(count) => count,
            Wave::Share(share) => (fleet.len() * usize::from(share)).div_ceil(100),
            Wave::Rest => usize::MAX,
        };
        let part: Vec<_> = left.by_ref().take(count).collect();
        if !part.is_empty() {
            all.push(part);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fleet: usize, canaries: &[&str], text: &str, expect: &[&[&str]]) {
        let fleet = (0..fleet).map(|n| format!("d{n:03}").parse().unwrap()).collect();
        let canaries: Vec<_> = canaries.iter().map(|name| name.parse().unwrap()).collect();
        let parsed: Vec<Wave> = text.split(',').map(|wave| wave.parse().unwrap()).collect();
        let found = waves(&fleet, &canaries, &parsed);
        let found: Vec<Vec<&str>> = found
            .iter()
            .map(|wave| wave.iter().map(Location::as_str).collect())
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn who_comes_when() {
        check(
            5,
            &[],
            "1,20%,rest",
            &[&["d000"], &["d001"], &["d002", "d003", "d004"]],
        );
        check(4, &["d002"], "1,50%", &[&["d002"], &["d000", "d001"], &["d003"]]);
        check(
            3,
            &["d002", "d000", "gone"],
            "2,rest",
            &[&["d002", "d000"], &["d001"]],
        );
        check(2, &[], "9,rest", &[&["d000", "d001"]]);
        check(0, &[], "1,rest", &[]);
        for illegal in ["0", "0%", "101%", "", "-1", "all"] {
            assert!(illegal.parse::<Wave>().is_err(), "{illegal}");
        }
    }
}
