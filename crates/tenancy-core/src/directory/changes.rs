//! What tells a cache which tenants changed.

use std::fmt;

use async_trait::async_trait;

use crate::{Result, TenantId};

/// Which tenants changed since a point in the source's history.
///
/// It tells who changed and never what: a cache that hears of it asks the [`Directory`](super::Directory) again.
#[async_trait]
pub trait ChangeFeed: Send + Sync + 'static {
    /// What changed after `since`, and a cursor for the next call; without `since`, where the feed stands now.
    ///
    /// A change is told of by the first call that begins after it was committed, however long its transaction took.
    /// It may be told of again. A look-up that begins after the answer sees it.
    ///
    /// # Errors
    ///
    /// Any error: the caller counts nothing as confirmed, and asks again with the cursor that it has.
    async fn changes(&self, since: Option<&Cursor>) -> Result<Changes>;
}

/// An answer of a [`ChangeFeed`].
#[derive(Clone, Debug)]
pub struct Changes {
    /// Where the next call goes on.
    pub cursor: Cursor,
    /// Who changed.
    pub changed: Changed,
}

/// Who changed: a tenant itself, its members, or what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// These tenants, and no others.
    Tenants(Vec<TenantId>),
    /// It is not known who: there is no cursor, the source does not know it, or there were too many.
    Everything,
}

/// A place in a source's history. Opaque: only the source that made it can read it.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(Box<str>);

impl Cursor {
    /// A cursor as the source spells it.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The source's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(..)")
    }
}
