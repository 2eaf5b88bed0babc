//! What a service listens with.

use std::{fmt, marker::PhantomData, time::Duration};

use firestore::gcloud_sdk::tonic::Status;
use futures::{Stream, future::BoxFuture, stream};
use serde::de::DeserializeOwned;
use tenancy_core::{Error, Kind, Result, TenantContext};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    fold::{Fold, Step, TARGET},
    line::{Heard, Line},
};
use crate::{
    Document, DocumentStores, Query,
    place::Place,
    wire::{
        Outcome, decode,
        proto::{
            ListenRequest, Target,
            listen_request::TargetChange,
            target::{QueryTarget, TargetType, query_target::QueryType},
        },
    },
};

/// How old the last proof may be that the context still stands, when a state is handed out.
const PROVEN: Duration = Duration::from_secs(1);

/// The documents that fit a query, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot<T> {
    /// The documents, by their paths. The query's order says which are among them when there is a limit, not how they stand
    /// here.
    pub documents: Vec<Document<T>>,
}

/// Listens to a query: gives its state, and the whole state again after each change.
///
/// # Flow
///
/// 1. A stream to the database is opened by the first [`next`](Self::next).
/// 2. Each state that the database calls one is handed out, never half of one. A reset begins the state anew.
/// 3. A stream that breaks is opened again after a pause that grows from 0.1 to 5 s; the first state of the new one is handed
///    out whether or not it is another. When no stream gives a state for a minute
///    ([`listener_patience`](crate::DocumentOptions::listener_patience)), the listener ends with `Unavailable`.
/// 4. When the tenant is suspended, moved or erased, the member leaves or has another role, or an operator's grant ends, the
///    listener ends with that error: within a second and what the directory may take to hear of it. No state is handed out later.
///
/// # Guarantees
///
/// Nothing but the tenant's documents. Nothing is held beside one state (twice the query's limit of documents at most): the
/// database waits while nobody asks. A listener that is dropped closes its stream. [`next`](Self::next) may be dropped and
/// called again.
///
/// # Caveats
///
/// States that follow each other quickly may become one. Each new stream reads, and is billed for, what fits the query.
pub struct Listener<T> {
    context: TenantContext,
    place: Place,
    line: Line,
    fold: Fold,
    /// A state waits to be handed out.
    ready: bool,
    /// When the stream must have given a state.
    due: Instant,
    patience: Duration,
    revoked: BoxFuture<'static, Error>,
    proven: Option<Instant>,
    ended: bool,
    data: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Listener<T> {
    pub(crate) fn new(
        stores: DocumentStores,
        context: TenantContext,
        place: Place,
        query: &Query,
    ) -> Result<Self> {
        let request = request(query, &place)?;
        let seat = stores.seat(&place, context.tenant_id())?;
        let (patience, outlives) = (stores.options().call_timeout, context.clone());
        Ok(Self {
            line: Line::new(stores, seat, place.clone(), request),
            context,
            place,
            fold: Fold::new(query.limit_of()),
            ready: false,
            due: Instant::now() + patience,
            patience,
            revoked: Box::pin(async move { outlives.revoked().await }),
            proven: None,
            ended: false,
            data: PhantomData,
        })
    }

    /// The next state. After an error there is none.
    pub async fn next(&mut self) -> Option<Result<Snapshot<T>>> {
        while !self.ended {
            match self.step().await {
                Ok(None) => {}
                Ok(Some(state)) => return Some(Ok(state)),
                Err(error) => {
                    self.ended = true;
                    self.line.close();
                    return Some(Err(error));
                }
            }
        }
        None
    }

    /// The states as a stream, which ends after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Snapshot<T>>> + Send {
        stream::unfold(self, |mut listener| async move {
            let next = listener.next().await?;
            Some((next, listener))
        })
    }

    async fn step(&mut self) -> Result<Option<Snapshot<T>>> {
        if self.ready {
            self.prove().await?;
            self.ready = false;
            return self.snapshot().map(Some);
        }
        let waiting = !self.fold.current();
        let heard = tokio::select! {
            biased;
            why = &mut self.revoked => return Err(why),
            heard = self.line.hear() => heard?,
            () = sleep_until(self.due), if waiting => self.line.lose(Outcome::Again)?,
        };
        self.heard(heard)?;
        Ok(None)
    }

    fn heard(&mut self, heard: Heard) -> Result<()> {
        let message = match heard {
            Heard::Message(message) => message,
            Heard::Opened | Heard::Lost => {
                self.fold.forget();
                self.due = Instant::now() + self.patience;
                return Ok(());
            }
        };
        let was = self.fold.current();
        match self.fold.take(message) {
            Step::Nothing => {}
            Step::State => {
                self.ready = true;
                self.line.good();
            }
            Step::Anew => drop(self.line.lose(Outcome::Again)?),
            Step::Ended(code) => drop(self.line.failed(&Status::new(code, ""))?),
        }
        if was && !self.fold.current() {
            // a reset: what follows is a part of a state, and what was ready is overtaken
            self.ready = false;
            self.due = Instant::now() + self.patience;
        }
        Ok(())
    }

    /// A slow reader gets no state that it was allowed to see a while ago.
    async fn prove(&mut self) -> Result<()> {
        if self.proven.is_some_and(|at| at.elapsed() < PROVEN) {
            return Ok(());
        }
        match timeout(PROVEN, self.context.check_again()).await {
            Ok(Ok(())) => self.proven = Some(Instant::now()),
            // `revoked` says how long nobody may be able to say
            Ok(Err(error)) if error.kind() != Kind::Unavailable => return Err(error),
            Ok(Err(_)) | Err(_) => {}
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot<T>> {
        let documents = self
            .fold
            .documents()
            .map(|document| decode(&self.place, document.clone()));
        Ok(Snapshot {
            documents: documents.collect::<Result<_>>()?,
        })
    }
}

fn request(query: &Query, place: &Place) -> Result<ListenRequest> {
    let (parent, query) = query.render(place)?;
    let target = Target {
        target_id: TARGET,
        target_type: Some(TargetType::Query(QueryTarget {
            parent,
            query_type: Some(QueryType::StructuredQuery(query)),
        })),
        ..Target::default()
    };
    Ok(ListenRequest {
        database: place.database(),
        target_change: Some(TargetChange::AddTarget(target)),
        ..ListenRequest::default()
    })
}

impl<T> fmt::Debug for Listener<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("context", &self.context)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
