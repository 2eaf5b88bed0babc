//! A response's body that holds a place.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http_body::{Body as _, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use crate::Place;

/// A body that gives a place back when it has ended, or is dropped.
struct Held {
    body: Body,
    place: Option<Holding>,
}

/// Holds `place` for as long as the response's body is not done, and a stream's until `deadline` at most: who reads slowly
/// must not keep others out for as long as it likes. A body that is done holds nothing, and a place that is free costs nothing.
pub(super) fn hold(response: Response, place: Place, deadline: Instant) -> Response {
    if place.is_free() || response.body().is_end_stream() {
        return response;
    }
    // a body in one piece ends with its first frame
    let place = match response.body().size_hint().exact() {
        Some(_) => Holding::WhileSent(place),
        None => Holding::until(deadline, place),
    };
    response.map(|body| {
        Body::new(Held {
            body,
            place: Some(place),
        })
    })
}

#[expect(dead_code, reason = "held for its drop")]
enum Holding {
    WhileSent(Place),
    Until(Timed),
}

/// A place that is given back at a time, whether or not anybody asks for more of the body.
struct Timed {
    place: Arc<Mutex<Option<Place>>>,
    timer: AbortHandle,
}

impl Holding {
    fn until(deadline: Instant, place: Place) -> Self {
        let place = Arc::new(Mutex::new(Some(place)));
        let held = Arc::clone(&place);
        let timer = tokio::spawn(async move {
            sleep_until(deadline).await;
            let late = held.lock().take();
            drop(late);
        });
        Self::Until(Timed {
            place,
            timer: timer.abort_handle(),
        })
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        self.timer.abort();
        let place = self.place.lock().take();
        drop(place);
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        // a body in one piece has ended with it: who reads slowly from the connection's buffer holds no place
        if !matches!(frame, Some(Ok(_))) || self.body.is_end_stream() {
            self.place = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::stream;

    use super::*;

    fn endless() -> Body {
        Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())
    }

    fn held(body: Body, witness: &Arc<()>) -> Response {
        let place = Place::holding(Arc::clone(witness));
        hold(
            Response::new(body),
            place,
            Instant::now() + Duration::from_secs(30),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_nobody_reads_gives_its_place_back_at_the_deadline() {
        let witness = Arc::new(());
        let response = held(endless(), &witness);
        tokio::time::sleep(Duration::from_secs(29)).await;
        assert_eq!(Arc::strong_count(&witness), 2);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(Arc::strong_count(&witness), 1, "the place is kept");
        drop(response);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_dropped_or_sent_gives_its_place_back_at_once() {
        let witness = Arc::new(());
        drop(held(endless(), &witness));
        assert_eq!(Arc::strong_count(&witness), 1);
        let response = held(Body::from("all of it"), &witness);
        assert_eq!(Arc::strong_count(&witness), 2);
        let sent = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
        assert_eq!((&sent[..], Arc::strong_count(&witness)), (&b"all of it"[..], 1));
    }
}
