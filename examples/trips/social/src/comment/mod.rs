//! Comments on itineraries. A comment is not edited: what was answered stays what it was.

mod model;
mod queries;
mod routes;

pub(crate) use self::routes::routes;
