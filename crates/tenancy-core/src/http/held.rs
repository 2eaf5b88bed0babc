//! A response's body that holds a place.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http_body::{Body as _, Frame, SizeHint};

use crate::Place;

/// A body that gives a place back when it has ended, or is dropped.
struct Held {
    body: Body,
    place: Option<Place>,
}

/// Holds `place` for as long as the response's body is not done. A body that is done holds nothing, and a place that is free
/// costs nothing.
pub(super) fn hold(response: Response, place: Place) -> Response {
    if place.is_free() || response.body().is_end_stream() {
        return response;
    }
    response.map(|body| {
        Body::new(Held {
            body,
            place: Some(place),
        })
    })
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
