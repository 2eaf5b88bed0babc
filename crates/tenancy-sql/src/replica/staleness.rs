//! How old a state of the database may be that is read.

use std::time::Duration;

use super::Position;

/// How old a state of the database may be that is read: *bounded staleness*, *read your writes*, or both.
///
/// ```
/// # use std::time::Duration;
/// # use tenancy_sql::{Position, Staleness};
/// let report = Staleness::at_most(Duration::from_secs(30));
/// let own = "6b05d3ea1b000014-af63dc4c8601ec8c-1-3000028".parse::<Position>()?;   // of the caller's last write
/// let list = Staleness::at_most(Duration::from_secs(30)).and_after(own);
/// # assert_ne!(report, list);
/// # Ok::<(), tenancy_sql::ParsePositionError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staleness {
    pub(super) at_most: Option<Duration>,
    pub(super) after: Option<Position>,
}

impl Staleness {
    /// All that was committed so long ago is seen, and what came later may be. Nothing less than the primary will do for zero.
    #[must_use]
    pub fn at_most(bound: Duration) -> Self {
        Self {
            at_most: Some(bound),
            after: None,
        }
    }

    /// All that was committed up to there is seen, and what came later may be; with no bound beside that.
    #[must_use]
    pub fn after(position: Position) -> Self {
        Self {
            at_most: None,
            after: Some(position),
        }
    }

    /// And all that was committed up to there.
    #[must_use]
    pub fn and_after(self, position: Position) -> Self {
        Self {
            after: Some(position),
            ..self
        }
    }
}
