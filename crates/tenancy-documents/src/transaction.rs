//! Reads and writes that happen at once, or not at all.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde::de::DeserializeOwned;
use tenancy_core::{Error, Permit, Result, WritePermission};

use crate::{
    Document, DocumentPath, DocumentStores, Query, Write,
    deadline::Deadline,
    handle::{Reading, read_documents, read_query},
    wire::{
        Failure, Outcome, Wire, Writing,
        proto::{
            BeginTransactionRequest, CommitRequest, RollbackRequest, TransactionOptions,
            transaction_options::{Mode, ReadWrite},
        },
    },
};

/// What Firestore allows in one commit.
pub(crate) const MAX_WRITES: usize = 500;
/// The first pause before a transaction begins anew; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(30);
/// How long the release of what a transaction locked may take.
const RELEASE: Duration = Duration::from_secs(2);

/// A transaction. Reads see one state of the database; writes are kept until the closure ends well, and then happen all at
/// once. All reads come before the first write, as the database asks. One that is kept beyond the closure does nothing.
pub struct DocumentTransaction {
    inner: Arc<Inner>,
}

struct Inner {
    wire: Wire,
    deadline: Deadline,
    id: Vec<u8>,
    /// `None` when it has ended, for who kept it.
    writes: Mutex<Option<Vec<Write>>>,
    /// The database said that others were there first: whatever the closure makes of it, it begins anew.
    contended: AtomicBool,
}

impl DocumentTransaction {
    /// A document, which nobody else changes until the end.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is none; else as the handle's reads.
    pub async fn get<T: DeserializeOwned>(&self, path: &DocumentPath) -> Result<Document<T>> {
        let found = self.find(path).await?;
        found.ok_or_else(|| Error::not_found("no such document"))
    }

    /// The same, `None` when there is none.
    ///
    /// # Errors
    ///
    /// As the handle's reads.
    pub async fn find<T: DeserializeOwned>(&self, path: &DocumentPath) -> Result<Option<Document<T>>> {
        self.before_writes()?;
        let reading = Reading {
            fields: None,
            transaction: Some(self.inner.id.clone()),
        };
        let read = read_documents(
            &self.inner.wire,
            std::slice::from_ref(path),
            reading,
            self.inner.deadline,
        )
        .await;
        let found = read.map_err(|failure| self.note(failure))?;
        Ok(found.into_iter().next().flatten())
    }

    /// What fits the query, and stays so until the end.
    ///
    /// # Errors
    ///
    /// As the handle's reads.
    pub async fn query<T: DeserializeOwned>(&self, query: &Query) -> Result<Vec<Document<T>>> {
        self.before_writes()?;
        let read = read_query(
            &self.inner.wire,
            query,
            Some(self.inner.id.clone()),
            self.inner.deadline,
        )
        .await;
        read.map_err(|failure| self.note(failure))
    }

    /// Keeps a change until the end.
    ///
    /// # Errors
    ///
    /// `Invalid` (413) for more than 500.
    pub fn write(&self, write: Write) -> Result<()> {
        let mut writes = self.inner.writes.lock();
        let writes = writes.as_mut().ok_or_else(over)?;
        if writes.len() >= MAX_WRITES {
            return Err(Error::too_large(None).with_log("a transaction has 500 writes at most"));
        }
        writes.push(write);
        Ok(())
    }

    fn before_writes(&self) -> Result<()> {
        match self.inner.writes.lock().as_ref().ok_or_else(over)?.is_empty() {
            true => Ok(()),
            false => Err(Error::internal(
                "a transaction reads before it writes: move the read up",
            )),
        }
    }

    fn note(&self, failure: Failure) -> Error {
        if matches!(failure, Failure::Said(Outcome::Contended)) {
            self.inner.contended.store(true, Ordering::Relaxed);
        }
        failure.into()
    }

    fn contended(&self) -> bool {
        self.inner.contended.load(Ordering::Relaxed)
    }

    async fn begin(wire: &Wire, again: Vec<u8>, deadline: Deadline) -> Result<Self> {
        let mode = Mode::ReadWrite(ReadWrite {
            retry_transaction: again,
            ..ReadWrite::default()
        });
        let request = BeginTransactionRequest {
            database: wire.place.database(),
            options: Some(TransactionOptions { mode: Some(mode) }),
            ..BeginTransactionRequest::default()
        };
        let begun = wire
            .begin_transaction(request, Writing::Nothing, deadline)
            .await?;
        let inner = Inner {
            wire: wire.clone(),
            deadline,
            id: begun.transaction,
            writes: Mutex::new(Some(Vec::new())),
            contended: AtomicBool::new(false),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The same one, for the closure.
    fn lent(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }

    fn end(&self) -> Vec<Write> {
        self.inner.writes.lock().take().unwrap_or_default()
    }

    async fn commit(&self) -> Result<()> {
        let (writes, inner) = (self.end(), &self.inner);
        let request = CommitRequest {
            transaction: self.inner.id.clone(),
            ..commit_of(&inner.wire, writes.clone())?
        };
        let committed = inner
            .wire
            .commit(request, writing_of(&writes), inner.deadline)
            .await;
        committed.map(drop).map_err(|failure| self.note(failure))
    }

    /// Lets go of what it locked, before the database does so by itself.
    async fn roll_back(&self) {
        let request = RollbackRequest {
            database: self.inner.wire.place.database(),
            transaction: self.inner.id.clone(),
            ..RollbackRequest::default()
        };
        // of its own time: what it locked would stay locked when the transaction's is over
        let deadline = Deadline::after(RELEASE);
        let _ = self
            .inner
            .wire
            .rollback(request, Writing::Nothing, deadline)
            .await;
    }
}

impl fmt::Debug for DocumentTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentTransaction").finish_non_exhaustive()
    }
}

fn over() -> Error {
    Error::internal("a transaction was used after its closure ended")
}

/// A commit of these writes outside of a transaction.
pub(crate) fn commit_of(wire: &Wire, writes: Vec<Write>) -> Result<CommitRequest> {
    let writes = writes.into_iter().map(|write| write.render(&wire.place));
    Ok(CommitRequest {
        database: wire.place.database(),
        writes: writes.collect::<Result<_>>()?,
        ..CommitRequest::default()
    })
}

/// What the failure of these writes together means.
pub(crate) fn writing_of(writes: &[Write]) -> Writing {
    let existing = writes.iter().any(|write| write.writing() == Writing::Existing);
    if existing {
        Writing::Existing
    } else {
        Writing::Other
    }
}

/// Runs `work` until it commits, or others were there first too often.
pub(crate) async fn run<P: WritePermission, T, F: Future<Output = Result<T>>>(
    (stores, permit): (&DocumentStores, &Permit<P>),
    (wire, deadline): (Wire, Deadline),
    mut work: impl FnMut(DocumentTransaction) -> F,
) -> Result<T> {
    let (mut again, mut pause, mut left) = (Vec::new(), PAUSE, stores.options().transaction_attempts.max(1));
    loop {
        permit.context().still_stands()?;
        left -= 1;
        let transaction = DocumentTransaction::begin(&wire, again, deadline).await?;
        let worked = match deadline.within(work(transaction.lent())).await {
            Ok(done) => transaction.commit().await.map(|()| done),
            Err(error) => {
                drop(transaction.end());
                transaction.roll_back().await;
                Err(error)
            }
        };
        match worked {
            Err(_) if transaction.contended() && left > 0 && deadline.pause(pause).await => {
                again = transaction.inner.id.clone();
                pause *= 2;
            }
            other => return other,
        }
    }
}
