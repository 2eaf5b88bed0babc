//! Reads of one tenant.

use std::{fmt, marker::PhantomData, time::Duration};

use neo4rs::{DetachedRowStream, Query};
use serde::de::DeserializeOwned;
use tenancy_core::{Error, Result, TenantContext};
use tokio::time::Instant;

use crate::{
    Cypher,
    deadline::{late, until, within},
    failure,
    pool::Lease,
};

/// How much longer than a statement's time its answer is waited for: the server says why it ended one, and looks at its clock
/// every two seconds.
const GRACE: Duration = Duration::from_secs(4);

/// A connection that reads for one tenant: the server refuses what would write.
///
/// Each statement is a transaction of its own, which the server ends at the context's deadline or after the statement's time. What
/// is dropped in the middle closes its connection, and the server ends it.
pub struct GraphRead {
    lease: Lease,
    context: TenantContext,
}

impl GraphRead {
    pub(crate) fn new(lease: Lease, context: TenantContext) -> Self {
        Self { lease, context }
    }

    /// The rows of a query, as they come. Two round trips (the driver resets the connection first), and one for each 500 rows.
    ///
    /// # Errors
    ///
    /// `Internal` for a query that is refused ([`CypherError`](crate::CypherError)), that is none, or that writes; `Unavailable`
    /// when the answer does not come in time.
    pub async fn rows<T: DeserializeOwned>(&mut self, query: impl Into<Cypher>) -> Result<Rows<'_, T>> {
        self.context.still_stands()?;
        let query = query.into().query()?;
        let limit = self.lease.options().statement_timeout;
        let server = until(&self.context, limit);
        let left = server.saturating_duration_since(Instant::now()).as_millis();
        let query = query.extra("tx_timeout", i64::try_from(left).unwrap_or(i64::MAX).max(1));
        let deadline = until(&self.context, limit.saturating_add(GRACE));
        let stream = execute(&mut self.lease, query, deadline).await?;
        Ok(Rows {
            lease: &mut self.lease,
            stream: Some(stream),
            deadline,
            row: PhantomData,
        })
    }

    /// All rows of a query that has so many at most.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows); `Internal` when there are more.
    pub async fn all<T: DeserializeOwned>(
        &mut self,
        query: impl Into<Cypher>,
        at_most: usize,
    ) -> Result<Vec<T>> {
        let mut rows = self.rows(query).await?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().await? {
            if all.len() >= at_most {
                return Err(too_many(at_most));
            }
            all.push(row);
        }
        Ok(all)
    }

    /// The row of a query that has one at most.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all).
    pub async fn optional<T: DeserializeOwned>(&mut self, query: impl Into<Cypher>) -> Result<Option<T>> {
        Ok(self.all(query, 1).await?.pop())
    }

    /// The row of a query that has one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all); `NotFound` when there is none.
    pub async fn one<T: DeserializeOwned>(&mut self, query: impl Into<Cypher>) -> Result<T> {
        self.optional(query).await?.ok_or_else(no_row)
    }
}

pub(crate) fn too_many(at_most: usize) -> Error {
    Error::internal(format!(
        "a query has more than the {at_most} rows that its caller takes: give it a LIMIT"
    ))
}

pub(crate) fn no_row() -> Error {
    Error::not_found("no row")
}

/// Once more over a new connection when one that had idled was closed meanwhile: a read may be repeated.
async fn execute(lease: &mut Lease, query: Query, deadline: Instant) -> Result<DetachedRowStream> {
    loop {
        let graph = lease.begin(deadline).await?;
        match within(deadline, graph.execute_read(query.clone())).await {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) if lease.was_used() && failure::is_broken(&error) => {}
            Some(Err(error)) => {
                if matches!(error, neo4rs::Error::Neo4j(_)) {
                    lease.cleaned();
                }
                return Err(failure::classify(error));
            }
            None => {
                drop(graph);
                lease.discard();
                return Err(late());
            }
        }
    }
}

/// The rows of a query, as they come.
pub struct Rows<'r, T> {
    lease: &'r mut Lease,
    stream: Option<DetachedRowStream>,
    deadline: Instant,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Rows<'_, T> {
    /// The next row; `None` after the last one.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the connection breaks or the row does not come in time, `Internal` when it is no `T`. After an error
    /// there are no more rows.
    pub async fn next(&mut self) -> Result<Option<T>> {
        let Some(stream) = self.stream.as_mut() else {
            return Ok(None);
        };
        let next = within(self.deadline, stream.next()).await;
        let row = match next {
            Some(Ok(Some(row))) => row.to().map_err(|error| failure::classify(error.into())),
            Some(Ok(None)) => {
                self.stream = None;
                self.lease.cleaned();
                return Ok(None);
            }
            Some(Err(error)) => Err(failure::classify(error)),
            None => Err(late()),
        };
        row.map(Some).inspect_err(|_| self.close())
    }
}

impl<T> Rows<'_, T> {
    fn close(&mut self) {
        if self.stream.take().is_some() {
            self.lease.discard();
        }
    }
}

impl<T> Drop for Rows<'_, T> {
    /// In the middle: the server ends the statement when its connection is closed.
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for GraphRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphRead")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Rows<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("ended", &self.stream.is_none())
            .finish_non_exhaustive()
    }
}
