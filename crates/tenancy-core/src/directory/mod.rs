//! Which tenant is this, and where does it live.

#[cfg(feature = "cache")]
mod cached;
mod changes;
#[cfg(feature = "cache")]
mod follow;
mod key;
#[cfg(feature = "cache")]
mod last_known;
mod pinned;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "cache")]
mod shelf;
mod static_records;

use std::sync::Arc;

use async_trait::async_trait;

#[cfg(feature = "cache")]
pub use self::cached::CachedDirectory;
pub use self::changes::{ChangeFeed, Changed, Changes, Cursor};
#[cfg(feature = "cache")]
pub use self::follow::{ChangeFollower, Nudge};
pub use self::key::TenantKey;
#[cfg(feature = "cache")]
pub use self::last_known::{LastKnown, LastKnownError, LastKnownKeeper};
pub use self::pinned::PinnedDirectory;
#[cfg(feature = "postgres")]
pub use self::postgres::PgDirectory;
#[cfg(feature = "cache")]
pub(crate) use self::shelf::Records;
pub use self::static_records::{StaticDirectory, StaticDirectoryError};

use crate::{Result, TenantRecord};

/// Answers which tenant something names. It answers only: a record opens no store.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The tenant that `key` names, or `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when the answer can't be had,
    /// [`Kind::Internal`](crate::Kind::Internal) when it can't be understood (an unknown status or tier); never a guess.
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>>;

    /// The same, when the answer is at hand and as good as [`lookup`](Self::lookup)'s: without waiting. `None` says
    /// nothing: ask [`lookup`](Self::lookup).
    fn at_hand(&self, _key: &TenantKey) -> Option<Arc<TenantRecord>> {
        None
    }
}
