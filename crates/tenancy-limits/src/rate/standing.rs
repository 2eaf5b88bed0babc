//! How a key stands.

use std::time::Duration;

/// How a key stands against its limit at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether one more request may go on.
    pub(crate) allowed: bool,
    /// How many more may, that one included.
    pub(crate) remaining: u64,
    /// When the next one may, if this may not.
    pub(crate) retry_after: Duration,
    /// When all are back.
    pub(crate) reset: Duration,
}
