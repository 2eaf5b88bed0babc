//! The connection of a listener: opened, lost, opened again after a pause. Cancel safe: what began goes on with the next call.

use std::{pin::Pin, time::Duration};

use firestore::gcloud_sdk::tonic::{Status, Streaming};
use futures::future::BoxFuture;
use tenancy_core::{Error, Result};
use tokio::time::{Instant, Sleep, sleep};

use crate::{
    DocumentStores,
    deadline::Deadline,
    place::Place,
    stores::Seat,
    wire::{
        Failure, Outcome, Writing, outcome,
        proto::{ListenRequest, ListenResponse},
    },
};

/// The first pause before the next attempt, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

type Messages = Streaming<ListenResponse>;

enum State {
    Closed,
    Opening(BoxFuture<'static, Result<Messages, Failure>>),
    Open(Box<Messages>),
    Lost(Pin<Box<Sleep>>),
}

/// What the line has to say.
pub(super) enum Heard {
    Message(ListenResponse),
    /// A new stream: it sends everything from the beginning.
    Opened,
    /// No stream for now.
    Lost,
}

pub(super) struct Line {
    stores: DocumentStores,
    place: Place,
    request: ListenRequest,
    seat: Seat,
    state: State,
    pause: Duration,
    /// When the trouble began that is not over.
    trouble: Option<Instant>,
}

impl Line {
    pub(super) fn new(stores: DocumentStores, seat: Seat, place: Place, request: ListenRequest) -> Self {
        let state = open(&stores, &seat, &place, &request);
        Self {
            stores,
            place,
            request,
            seat,
            state,
            pause: PAUSES.0,
            trouble: None,
        }
    }

    /// The next message, or change of the line.
    ///
    /// # Errors
    ///
    /// When another attempt would not help, or none helped for too long.
    pub(super) async fn hear(&mut self) -> Result<Heard> {
        match &mut self.state {
            State::Opening(opening) => match opening.await {
                Ok(messages) => {
                    self.state = State::Open(Box::new(messages));
                    Ok(Heard::Opened)
                }
                Err(Failure::Said(outcome)) => self.lose(outcome),
                Err(Failure::Ours(error)) if error.kind() == tenancy_core::Kind::Unavailable => {
                    self.lose(Outcome::Again)
                }
                Err(Failure::Ours(error)) => Err(error),
            },
            State::Open(messages) => match messages.message().await {
                Ok(Some(message)) => Ok(Heard::Message(message)),
                // the database closes a stream now and then
                Ok(None) => self.lose(Outcome::Again),
                Err(status) => self.failed(&status),
            },
            State::Closed => std::future::pending().await,
            State::Lost(pause) => {
                pause.await;
                self.state = open(&self.stores, &self.seat, &self.place, &self.request);
                Ok(Heard::Lost)
            }
        }
    }

    /// For good.
    pub(super) fn close(&mut self) {
        self.state = State::Closed;
    }

    /// The stream is good: it gave a state.
    pub(super) fn good(&mut self) {
        (self.pause, self.trouble) = (PAUSES.0, None);
    }

    pub(super) fn failed(&mut self, status: &Status) -> Result<Heard> {
        self.lose(outcome(status, Writing::Nothing))
    }

    /// Closes what is open, and tries again after a pause.
    pub(super) fn lose(&mut self, outcome: Outcome) -> Result<Heard> {
        if !matches!(outcome, Outcome::Again | Outcome::Contended) {
            return Err(outcome.error());
        }
        let since = *self.trouble.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.stores.options().listener_patience {
            return Err(Error::unavailable(
                "the document database is out of a listener's reach",
            ));
        }
        self.state = State::Lost(Box::pin(sleep(scattered(self.pause))));
        self.pause = (self.pause * 2).min(PAUSES.1);
        Ok(Heard::Lost)
    }
}

fn open(stores: &DocumentStores, seat: &Seat, place: &Place, request: &ListenRequest) -> State {
    let (stores, place, request) = (stores.clone(), place.clone(), request.clone());
    let connection = seat.connection();
    State::Opening(Box::pin(async move {
        let deadline = Deadline::after(stores.options().call_timeout);
        let wire = stores.wire_of(connection, place, deadline).await?;
        wire.listen(request, deadline).await
    }))
}

/// Between a half and the whole of it, so that the listeners of a database that was away do not come back at one time.
fn scattered(pause: Duration) -> Duration {
    let [one, ..] = uuid::Uuid::new_v4().into_bytes();
    pause.mul_f64(0.5 + f64::from(one) / 512.0)
}
