//! Photos of an itinerary: a row says what there is, an object holds the content.
//!
//! # Flow
//!
//! A photo's content is never overwritten: each upload makes an object with a name of its own.
//!
//! 1. A transaction checks the caller and notes the object in `loose_objects`: the intent.
//! 2. The object is written.
//! 3. A second transaction removes the note, points the photo's row to the object, and notes the one it replaces as
//!    doomed. From its commit on, and not before, the photo is the new one.
//! 4. Doomed objects are deleted, then their notes: after this write, or else by a later one of the tenant ([`sweep`]).
//!
//! # Guarantees
//!
//! A crash between any two steps leaves the photo wholly old or wholly new. What it leaves behind is noted, unseen, and
//! deleted by a write of the same tenant: at once when doomed, after an hour when the upload never came to its end.
//! The sweep dooms a note before it deletes the object, and step 3 refuses a doomed note, so the two can't both win.
//!
//! # Caveats
//!
//! A tenant that never writes a photo again keeps what its last crash left.

mod body;
mod digest;
mod loose;
mod media_type;
mod model;
mod name;
mod queries;
mod read;
mod remove;
mod upload;

use axum::{Router, extract::DefaultBodyLimit, routing::get};

pub(crate) use self::loose::sweep;
pub(crate) use self::remove::remove_all;
use crate::service::App;

/// The most bytes that a photo has.
const MAX_BYTES: usize = 5 * 1024 * 1024;
/// The most photos that an itinerary has: few enough for a list in one page.
const MAX_PHOTOS: u64 = 100;

pub(crate) fn routes() -> Router<App> {
    let one = get(read::content).put(upload::put).delete(remove::one);
    Router::new()
        .route("/itineraries/{id}/photos", get(read::list))
        .route(
            "/itineraries/{id}/photos/{name}",
            one.layer(DefaultBodyLimit::max(MAX_BYTES)),
        )
}
