//! Likes of itineraries: a user likes one or does not, so setting and clearing are idempotent.

mod queries;
mod routes;

pub(crate) use self::routes::routes;
