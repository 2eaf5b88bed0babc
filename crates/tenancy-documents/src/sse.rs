//! A listener as server-sent events (the HTML standard, section 9.2).

use std::{convert::Infallible, time::Duration};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use serde::{Serialize, de::DeserializeOwned};
use tenancy_core::{Error, Result};

use crate::{Listener, Snapshot};

/// How often a connection without changes is kept alive, which is also how it is noticed that the client has left.
const ALIVE: Duration = Duration::from_secs(15);

/// Answers a request with a listener's states.
///
/// Each is an event `state` with the documents as a JSON array of `path`, `data`, `created` and `version`. When the listener
/// ends, the last event is `end` with the problem (RFC 9457) as a JSON object; the client decides by its `status` whether to
/// come again, where it is told in the usual way what it may see. A client that leaves closes the listener's stream.
///
/// ```
/// use axum::{extract::State, response::IntoResponse};
/// use tenancy_core::{Result, TenantContext};
/// use tenancy_documents::{DocumentHandle, Query, server_sent_events};
///
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Trip { title: String }
/// async fn live(ctx: TenantContext, State(documents): State<DocumentHandle>) -> Result<impl IntoResponse> {
///     let trips = Query::of("trips".parse().expect("a collection"));
///     Ok(server_sent_events(documents.listen::<Trip>(&ctx, &trips)?))
/// }
/// ```
pub fn server_sent_events<T>(
    listener: Listener<T>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send>
where
    T: DeserializeOwned + Serialize + Send + 'static,
{
    let events = listener.into_stream().map(|next| Ok(event(next)));
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))
}

fn event<T: Serialize>(next: Result<Snapshot<T>>) -> Event {
    let state = next.and_then(|state| {
        let json = Event::default().event("state").json_data(&state.documents);
        json.map_err(|_| Error::internal("a document's type does not serialize into JSON"))
    });
    state.unwrap_or_else(|error| end(&error))
}

/// What a client may know of an error.
fn end(error: &Error) -> Event {
    let event = Event::default().event("end");
    let fallen = event.clone();
    event.json_data(error.problem()).unwrap_or(fallen)
}
