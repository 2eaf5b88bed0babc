//! A query, as a service says it.

use crate::{CollectionId, CollectionPath, Cursor, FieldPath, Filter};

const DEFAULT_LIMIT: u32 = 100;
/// What is answered is held in memory.
const MAX_LIMIT: u32 = 1000;

/// Which way a field is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// Which documents to read: all of a collection, in the order of their ids, 100 at most, unless told otherwise.
///
/// ```
/// use tenancy_documents::{CollectionPath, Direction, Filter, Query};
///
/// # fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let long = Filter::at_least(&"days".parse()?, &14)?;
/// let query = Query::of("trips".parse()?).filter(long).order("days".parse()?, Direction::Descending).limit(20);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Query {
    pub(super) from: From,
    pub(super) filters: Vec<Filter>,
    pub(super) orders: Vec<(FieldPath, Direction)>,
    pub(super) start: Option<(Cursor, bool)>,
    pub(super) end: Option<(Cursor, bool)>,
    pub(super) select: Option<Vec<FieldPath>>,
    pub(super) limit: u32,
}

#[derive(Clone, Debug)]
pub(super) enum From {
    Collection(CollectionPath),
    Group(CollectionId),
}

impl Query {
    /// Documents of one collection.
    #[must_use]
    pub fn of(collection: CollectionPath) -> Self {
        Self::from(From::Collection(collection))
    }

    /// Documents of all the tenant's collections that are called so, wherever they are below its root. Not with the layout
    /// `collection_root`, where a tenant has no one root: such a query is `Internal`.
    #[must_use]
    pub fn group(collection: CollectionId) -> Self {
        Self::from(From::Group(collection))
    }

    fn from(from: From) -> Self {
        Self {
            from,
            filters: Vec::new(),
            orders: Vec::new(),
            start: None,
            end: None,
            select: None,
            limit: DEFAULT_LIMIT,
        }
    }

    /// Only what fits this, and each other filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// In this order, after each order that was given before. What lacks the field is left out.
    #[must_use]
    pub fn order(mut self, by: FieldPath, direction: Direction) -> Self {
        self.orders.push((by, direction));
        self
    }

    /// From the cursor on, with what is there.
    #[must_use]
    pub fn start_at(mut self, cursor: Cursor) -> Self {
        self.start = Some((cursor, true));
        self
    }

    /// From behind the cursor on: the next page, when it is at the last document of the page before.
    #[must_use]
    pub fn start_after(mut self, cursor: Cursor) -> Self {
        self.start = Some((cursor, false));
        self
    }

    /// Up to the cursor, with what is there.
    #[must_use]
    pub fn end_at(mut self, cursor: Cursor) -> Self {
        self.end = Some((cursor, false));
        self
    }

    /// Up to what is before the cursor.
    #[must_use]
    pub fn end_before(mut self, cursor: Cursor) -> Self {
        self.end = Some((cursor, true));
        self
    }

    /// Only these fields of each document.
    #[must_use]
    pub fn select(mut self, fields: impl IntoIterator<Item = FieldPath>) -> Self {
        self.select = Some(fields.into_iter().collect());
        self
    }

    /// At most so many documents, within 1 to 1000.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, MAX_LIMIT);
        self
    }

    pub(crate) fn limit_of(&self) -> u32 {
        self.limit
    }
}
