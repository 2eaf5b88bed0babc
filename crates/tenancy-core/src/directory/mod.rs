//! Which tenant is this, and where does it live.

mod cached;
mod key;
mod pinned;
#[cfg(feature = "postgres")]
mod postgres;
mod static_records;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::cached::CachedDirectory;
pub use self::key::TenantKey;
pub use self::pinned::PinnedDirectory;
#[cfg(feature = "postgres")]
pub use self::postgres::PgDirectory;
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

    /// The tenant that `key` names, when that is known without waiting and as fresh as [`lookup`](Self::lookup)'s answer would be.
    /// It boxes no future: the resolver asks here first.
    fn cached(&self, key: &TenantKey) -> Option<Arc<TenantRecord>> {
        let _ = key;
        None
    }
}
