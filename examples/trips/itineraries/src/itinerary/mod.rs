//! Itineraries: what a traveller plans, private or shared with the tenant.

mod content;
mod id;
mod input;
mod model;
mod publish;
pub(crate) mod queries;
mod read;
mod write;

use axum::{
    Router,
    routing::{get, post},
};

pub(crate) use self::id::ItineraryId;
pub(crate) use self::model::{Itinerary, Viewer};
pub use self::publish::PublishItinerary;
pub(crate) use self::write::lock_for_change;
use crate::service::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/itineraries", get(read::list).post(write::create))
        .route(
            "/itineraries/{id}",
            get(read::one).patch(write::change).delete(write::remove),
        )
        .route("/itineraries/{id}/publish", post(publish::publish))
}
