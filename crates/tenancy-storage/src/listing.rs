//! Which objects to list, and a page of them.

use crate::{ObjectKey, ObjectMeta};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

/// Which of a tenant's objects to list: all, in the order of their keys' bytes, 100 at a time, unless told otherwise.
#[derive(Clone, Debug)]
pub struct Listing {
    pub(crate) folder: Option<ObjectKey>,
    pub(crate) after: Option<ObjectKey>,
    pub(crate) limit: usize,
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            folder: None,
            after: None,
            limit: DEFAULT_LIMIT,
        }
    }
}

impl Listing {
    /// All objects.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Only what lies below `folder`, in whole segments: `photos` has `photos/1` in it, but neither `photos-old/1` nor
    /// an object `photos`.
    #[must_use]
    pub fn below(mut self, folder: ObjectKey) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Only keys greater than `cursor`: the `next` of the page before. Any key will do, so a client may keep it.
    #[must_use]
    pub fn after(mut self, cursor: ObjectKey) -> Self {
        self.after = Some(cursor);
        self
    }

    /// At most `limit` objects a page, within 1 to 1000.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, MAX_LIMIT);
        self
    }
}

/// Some of a tenant's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The objects, in the order of their keys' bytes. May be fewer than asked for when some were deleted meanwhile.
    pub objects: Vec<ObjectMeta>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<ObjectKey>,
}
