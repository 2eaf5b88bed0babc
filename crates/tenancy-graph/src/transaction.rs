//! A writing transaction of one tenant.

use std::fmt;

use neo4rs::Txn;
use serde::{Serialize, de::DeserializeOwned};
use tenancy_core::{Error, Result};
use tokio::time::Instant;

use crate::{
    Cypher, OutcomeUnknown,
    deadline::{after, late, within},
    failure,
    pool::Lease,
    read::{no_row, too_many},
};

/// How many rows of a bulk go in one statement.
const CHUNK: usize = 1000;

/// A writing transaction of one tenant. Dropped before [`commit`](Self::commit) it is rolled back in the background, or its
/// connection closed: its locks are free shortly after.
///
/// It ends by the context's deadline, or a transaction's time after its begin; each statement has a statement's time. A statement
/// that is given up ends the transaction.
pub struct GraphTransaction {
    /// `None` when it has ended.
    open: Option<(Txn, Lease)>,
    end: Instant,
    failed: bool,
}

impl GraphTransaction {
    /// Once more over a new connection when one that had idled was closed meanwhile: nothing was done yet.
    pub(crate) async fn begin(mut lease: Lease, end: Instant) -> Result<Self> {
        loop {
            let deadline = end.min(after(lease.options().connect_timeout));
            let graph = lease.begin(deadline).await?;
            match within(deadline, graph.start_txn()).await {
                Some(Ok(txn)) => {
                    return Ok(Self {
                        open: Some((txn, lease)),
                        end,
                        failed: false,
                    });
                }
                Some(Err(error)) if lease.was_used() && failure::is_broken(&error) => {}
                Some(Err(error)) => return Err(failure::classify(error)),
                None => return Err(late()),
            }
        }
    }

    /// Runs a statement whose rows nobody needs. One round trip.
    ///
    /// # Errors
    ///
    /// `Conflict` when a constraint is violated, `Internal` for a query that is refused
    /// ([`CypherError`](crate::CypherError)), `Unavailable` when it takes too long or a lock can't be had. Whatever it is, the
    /// transaction will not commit.
    pub async fn run(&mut self, query: impl Into<Cypher>) -> Result<()> {
        let answer = self.statement::<serde::de::IgnoredAny>(query.into(), None).await;
        self.failed |= answer.is_err();
        answer.map(drop)
    }

    /// All rows of a statement that has so many at most. Two round trips, and one for each 500 rows.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); `Internal` when there are more.
    pub async fn all<T: DeserializeOwned>(
        &mut self,
        query: impl Into<Cypher>,
        at_most: usize,
    ) -> Result<Vec<T>> {
        let answer = self.statement(query.into(), Some(at_most)).await;
        self.failed |= answer.is_err();
        answer
    }

    /// The row of a statement that has one at most.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all).
    pub async fn optional<T: DeserializeOwned>(&mut self, query: impl Into<Cypher>) -> Result<Option<T>> {
        Ok(self.all(query, 1).await?.pop())
    }

    /// The row of a statement that has one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all); `NotFound` when there is none, and then the transaction goes on.
    pub async fn one<T: DeserializeOwned>(&mut self, query: impl Into<Cypher>) -> Result<T> {
        self.optional(query).await?.ok_or_else(no_row)
    }

    /// Runs a statement for a thousand rows at a time, which it finds as `$rows`: `UNWIND $rows AS row MERGE …`. A round trip for
    /// each thousand. How many rows there were.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn bulk<R: Serialize>(
        &mut self,
        query: impl Into<Cypher>,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<usize> {
        let query = query.into();
        let mut rows = rows.into_iter();
        let mut count = 0;
        loop {
            let chunk: Vec<R> = rows.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(count);
            }
            count += chunk.len();
            let query = query.clone().param("rows", &chunk);
            drop(chunk);
            self.run(query).await?;
        }
    }

    /// `None`: nobody needs the rows.
    async fn statement<T: DeserializeOwned>(
        &mut self,
        query: Cypher,
        at_most: Option<usize>,
    ) -> Result<Vec<T>> {
        let query = query.query()?;
        let (txn, lease) = self.open.as_mut().ok_or_else(over)?;
        let deadline = self.end.min(after(lease.options().statement_timeout));
        // what is given up in the middle leaves the transaction failed
        let failed = std::mem::replace(&mut self.failed, true);
        let answer = within(deadline, read_all(txn, query, at_most)).await;
        self.failed = failed;
        match answer {
            Some(Ok(rows)) => rows,
            Some(Err(error)) => Err(failure::classify(error)),
            None => {
                // closed at once: the server ends what still runs
                self.open = None;
                Err(late())
            }
        }
    }

    /// Commits. One round trip.
    ///
    /// # Errors
    ///
    /// `Internal` when a statement failed before and its error was ignored; it was rolled back. `Conflict` for a constraint.
    /// `Unavailable` when the server did not take it; with [`OutcomeUnknown`] as its source when it is not known whether it took
    /// place.
    pub async fn commit(mut self) -> Result<()> {
        if self.failed {
            self.rollback().await?;
            return Err(Error::internal(
                "a transaction with a failed statement was committed; it was rolled back",
            ));
        }
        let (txn, mut lease) = self.open.take().ok_or_else(over)?;
        let deadline = self.end.min(after(lease.options().statement_timeout));
        if deadline <= Instant::now() {
            return Err(late());
        }
        match within(deadline, txn.commit()).await {
            Some(Ok(())) => {
                lease.cleaned();
                Ok(())
            }
            Some(Err(error)) => Err(refused(error)),
            None => Err(OutcomeUnknown::error(
                "the graph did not say in time that it committed",
            )),
        }
    }

    /// Rolls back, and waits for it. One round trip. Dropping does the same in the background.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the connection broke, or the server did not answer in time; its connection is closed then, and the
    /// server rolls back too.
    pub async fn rollback(mut self) -> Result<()> {
        match self.open.take() {
            Some((txn, lease)) => roll_back(txn, lease).await,
            None => Ok(()),
        }
    }
}

/// All rows, or what was wrong with them. Every row is heard, so that the next statement finds the connection clear.
async fn read_all<T: DeserializeOwned>(
    txn: &mut Txn,
    query: neo4rs::Query,
    at_most: Option<usize>,
) -> neo4rs::Result<Result<Vec<T>>> {
    let mut all = Vec::new();
    let Some(at_most) = at_most else {
        txn.run(query).await?;
        return Ok(Ok(all));
    };
    let mut stream = txn.execute(query).await?;
    while let Some(row) = stream.next(txn.handle()).await? {
        if all.len() >= at_most {
            return Ok(Err(too_many(at_most)));
        }
        match row.to() {
            Ok(row) => all.push(row),
            Err(error) => return Ok(Err(failure::classify(error.into()))),
        }
    }
    Ok(Ok(all))
}

/// What the server answered instead of a success.
fn refused(error: neo4rs::Error) -> Error {
    match &error {
        neo4rs::Error::Neo4j(said) if failure::is_refusal(said.code()) => failure::classify(error),
        _ => OutcomeUnknown::error("the connection to the graph broke while it committed"),
    }
}

fn over() -> Error {
    Error::unavailable("the transaction has ended: a statement took too long")
}

async fn roll_back(txn: Txn, mut lease: Lease) -> Result<()> {
    let deadline = after(lease.options().connect_timeout);
    crate::deadline::answered(deadline, txn.rollback()).await?;
    lease.cleaned();
    Ok(())
}

impl Drop for GraphTransaction {
    /// The driver sends no ROLLBACK by itself.
    fn drop(&mut self) {
        let Some((txn, lease)) = self.open.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async {
                    if roll_back(txn, lease).await.is_err() {
                        tracing::debug!("a transaction was not rolled back; its connection is closed");
                    }
                });
            }
            // closes the connection
            Err(_) => drop((txn, lease)),
        }
    }
}

impl fmt::Debug for GraphTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphTransaction")
            .field("open", &self.open.is_some())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
