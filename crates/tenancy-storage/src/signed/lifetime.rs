//! For how long a URL is good.

use std::time::Duration;

/// For how long a signed URL is good: 1 second to one hour, in whole seconds.
///
/// The vendor allows seven days. A URL is a bearer credential that nobody can take back, not even by suspending the tenant;
/// the bound is how long one that got lost is of use.
///
/// ```
/// use std::time::Duration;
/// use tenancy_storage::UrlLifetime;
///
/// assert!(UrlLifetime::try_from(Duration::from_secs(3600)).is_ok());
/// assert!(UrlLifetime::try_from(Duration::from_secs(3601)).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UrlLifetime(u16);

/// The duration is no lifetime of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signed URL is good for 1 to 3600 whole seconds")]
pub struct LifetimeError;

impl UrlLifetime {
    /// The longest: one hour.
    pub const MAX: Self = Self(3600);
    pub(super) const GET: Self = Self(5 * 60);
    pub(super) const PUT: Self = Self(15 * 60);

    /// So many seconds, or the longest; nothing for less than one.
    pub(super) fn at_most(seconds: i64) -> Option<Self> {
        let seconds = seconds.min(Self::MAX.0.into());
        let seconds = u16::try_from(seconds).ok().filter(|&seconds| seconds > 0)?;
        Some(Self(seconds))
    }

    pub(super) fn seconds(self) -> i64 {
        self.0.into()
    }
}

impl TryFrom<Duration> for UrlLifetime {
    type Error = LifetimeError;

    fn try_from(duration: Duration) -> Result<Self, LifetimeError> {
        let seconds = u16::try_from(duration.as_secs()).map_err(|_| LifetimeError)?;
        let whole = duration.subsec_nanos() == 0;
        if whole && (1..=Self::MAX.0).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(LifetimeError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_has_bounds() {
        for (milliseconds, expect) in [
            (0, None),
            (999, None),
            (1000, Some(1)),
            (1500, None),
            (3_600_000, Some(3600)),
            (3_601_000, None),
            (604_800_000, None),
            (u64::MAX, None),
        ] {
            let lifetime = UrlLifetime::try_from(Duration::from_millis(milliseconds)).ok();
            assert_eq!(lifetime.map(UrlLifetime::seconds), expect, "{milliseconds}");
        }
    }

    #[test]
    fn what_is_left_of_a_grant_is_a_lifetime() {
        for (seconds, expect) in [
            (i64::MIN, None),
            (0, None),
            (1, Some(1)),
            (3600, Some(3600)),
            (i64::MAX, Some(3600)),
        ] {
            assert_eq!(UrlLifetime::at_most(seconds).map(UrlLifetime::seconds), expect);
        }
    }
}
