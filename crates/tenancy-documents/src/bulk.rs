//! Many writes, each for itself.

use std::{collections::HashSet, time::Duration};

use firestore::gcloud_sdk::tonic::{Code, Status};
use tenancy_core::{Error, Result};

use crate::{
    DocumentPath, Write,
    deadline::Deadline,
    wire::{Outcome, Wire, Writing, outcome, proto::BatchWriteRequest},
};

/// What Firestore takes in one request.
const CHUNK: usize = 500;
/// How often what did not work is tried again.
const RETRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(100);

/// What became of writes in bulk.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct BulkReport {
    /// How many were done.
    pub done: usize,
    /// Which were not, and why.
    pub refused: Vec<Refused>,
}

/// A write that was not done.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refused {
    /// Which document it was for.
    pub path: DocumentPath,
    /// Why.
    pub why: Error,
}

/// Sends the writes by the hundred. One document is written by one request at a time, in the order that was given.
pub(crate) async fn write(wire: &Wire, writes: Vec<Write>, deadline: Deadline) -> Result<BulkReport> {
    let mut report = BulkReport::default();
    let (mut chunk, mut seen) = (Vec::new(), HashSet::new());
    for write in writes {
        if chunk.len() == CHUNK || seen.contains(write.path()) {
            send(wire, std::mem::take(&mut chunk), &mut report, deadline).await?;
            seen.clear();
        }
        seen.insert(write.path().clone());
        chunk.push(write);
    }
    send(wire, chunk, &mut report, deadline).await?;
    Ok(report)
}

/// Sends one request, and what is worth it again.
async fn send(wire: &Wire, mut chunk: Vec<Write>, report: &mut BulkReport, deadline: Deadline) -> Result<()> {
    let mut pause = PAUSE;
    for left in (0..=RETRIES).rev() {
        if chunk.is_empty() {
            return Ok(());
        }
        let outcomes = once(wire, &chunk, deadline).await?;
        let mut again = Vec::new();
        for (write, outcome) in chunk.into_iter().zip(outcomes) {
            match outcome {
                None => report.done += 1,
                Some(Outcome::Again | Outcome::Contended) if left > 0 => again.push(write),
                Some(why) => report.refused.push(Refused {
                    path: write.path().clone(),
                    why: why.error(),
                }),
            }
        }
        chunk = again;
        if !chunk.is_empty() && !deadline.pause(pause).await {
            // no time to ask again: each of them is told of
            report.refused.extend(chunk.into_iter().map(|write| Refused {
                path: write.path().clone(),
                why: Outcome::Again.error(),
            }));
            return Ok(());
        }
        pause *= 2;
    }
    Ok(())
}

/// What each came to; `None` for done.
async fn once(wire: &Wire, chunk: &[Write], deadline: Deadline) -> Result<Vec<Option<Outcome>>> {
    let writes = chunk.iter().map(|write| write.clone().render(&wire.place));
    let request = BatchWriteRequest {
        database: wire.place.database(),
        writes: writes.collect::<Result<_>>()?,
        ..BatchWriteRequest::default()
    };
    let answer = wire.batch_write(request, Writing::Other, deadline).await?;
    if answer.status.len() != chunk.len() {
        return Err(Error::internal(
            "the document database answered another number of writes than it was sent",
        ));
    }
    let outcomes = chunk.iter().zip(answer.status).map(|(write, status)| {
        let code = Code::from(status.code);
        (code != Code::Ok).then(|| outcome(&Status::new(code, status.message), write.writing()))
    });
    Ok(outcomes.collect())
}
