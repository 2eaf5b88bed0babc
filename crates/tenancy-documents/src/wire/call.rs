//! Calls: each through the fence, each with an end.

use std::time::Duration;

use firestore::{
    FirestoreDb,
    gcloud_sdk::{
        RequestTimeouts,
        tonic::{Request, Response, Status, Streaming},
    },
};
use futures::{Stream, StreamExt};
use tenancy_core::{Error, Result};

use super::{Outcome, fence, outcome, proto};
use crate::{deadline::Deadline, place::Place};

/// How often a read that did not work is tried again, and how long the first pause is; each is twice as long as the one before.
const RETRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(50);

/// What a call may have changed, which decides what its failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// Nothing.
    Nothing,
    /// Documents that are to be there already.
    Existing,
    /// Documents that need not be there.
    Other,
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database said so.
    Said(Outcome),
    /// We did.
    Ours(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Said(outcome) => outcome.error(),
            Failure::Ours(error) => error,
        }
    }
}

/// A client of the place's database, for the place alone.
#[derive(Clone)]
pub(crate) struct Wire {
    db: FirestoreDb,
    pub(crate) place: Place,
}

/// A call of the protocol with one answer.
macro_rules! unary {
    ($(#[$doc:meta])* $name:ident, $request:ty, $response:ty) => {
        $(#[$doc])*
        pub(crate) async fn $name(&self, request: $request, writing: Writing, deadline: Deadline) -> Result<$response, Failure> {
            fence::check(&request, &self.place)?;
            let mut client = self.db.client().get();
            let answer = async { Ok(client.$name(limited(request, deadline)?).await) };
            said(deadline.within(answer).await?, writing)
        }
    };
}

/// A read of the protocol whose answers are few: all of them, tried again when the database is away.
macro_rules! read {
    ($(#[$doc:meta])* $name:ident, $request:ty, $response:ty) => {
        $(#[$doc])*
        pub(crate) async fn $name(&self, request: $request, deadline: Deadline) -> Result<Vec<$response>, Failure> {
            fence::check(&request, &self.place)?;
            let attempt = || async {
                let mut client = self.db.client().get();
                let all = async {
                    let answer = client.$name(limited(request.clone(), deadline)?).await;
                    Ok(match answer {
                        Ok(stream) => whole(stream).await,
                        Err(status) => Err(status),
                    })
                };
                match deadline.within(all).await? {
                    Ok(all) => Ok(all),
                    Err(status) => Err(Failure::Said(outcome(&status, Writing::Nothing))),
                }
            };
            patiently(deadline, attempt).await
        }
    };
}

impl Wire {
    pub(crate) fn new(db: FirestoreDb, place: Place) -> Self {
        Self { db, place }
    }

    unary!(
        /// Writes, all or none.
        commit, proto::CommitRequest, proto::CommitResponse
    );
    unary!(
        /// Writes, each for itself.
        batch_write, proto::BatchWriteRequest, proto::BatchWriteResponse
    );
    unary!(
        begin_transaction,
        proto::BeginTransactionRequest,
        proto::BeginTransactionResponse
    );
    unary!(rollback, proto::RollbackRequest, ());
    read!(
        batch_get_documents,
        proto::BatchGetDocumentsRequest,
        proto::BatchGetDocumentsResponse
    );
    read!(run_query, proto::RunQueryRequest, proto::RunQueryResponse);
    read!(
        run_aggregation_query,
        proto::RunAggregationQueryRequest,
        proto::RunAggregationQueryResponse
    );

    /// Listens until the answer, or the returned stream, is dropped. `deadline` is that of the first answer.
    pub(crate) async fn listen(
        &self,
        request: proto::ListenRequest,
        deadline: Deadline,
    ) -> Result<Streaming<proto::ListenResponse>, Failure> {
        fence::check(&request, &self.place)?;
        let mut client = self.db.client().get();
        // the database ends the stream when ours ends
        let asked = futures::stream::once(async { request }).chain(futures::stream::pending());
        let answer = async { Ok(client.listen(Request::new(asked)).await) };
        said(deadline.within(answer).await?, Writing::Nothing)
    }
}

fn limited<M>(message: M, deadline: Deadline) -> Result<Request<M>> {
    let mut request = Request::new(message);
    let limit = RequestTimeouts::new().with_total(deadline.left()?);
    request.extensions_mut().insert(limit);
    Ok(request)
}

fn said<T>(answer: Result<Response<T>, Status>, writing: Writing) -> Result<T, Failure> {
    answer
        .map(Response::into_inner)
        .map_err(|status| Failure::Said(outcome(&status, writing)))
}

async fn whole<T>(stream: Response<impl Stream<Item = Result<T, Status>> + Unpin>) -> Result<Vec<T>, Status> {
    let mut stream = stream.into_inner();
    let mut all = Vec::new();
    while let Some(one) = stream.next().await {
        all.push(one?);
    }
    Ok(all)
}

/// Tries again while the database is away and time is left.
async fn patiently<T, F: Future<Output = Result<T, Failure>>>(
    deadline: Deadline,
    attempt: impl Fn() -> F,
) -> Result<T, Failure> {
    let mut pause = PAUSE;
    for _ in 0..RETRIES {
        match attempt().await {
            Err(Failure::Said(Outcome::Again)) if deadline.pause(pause).await => pause *= 2,
            other => return other,
        }
    }
    attempt().await
}
