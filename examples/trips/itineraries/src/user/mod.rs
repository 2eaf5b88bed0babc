//! Users: the names that a tenant's members go by.

mod model;
pub(crate) mod queries;
mod routes;

pub(crate) use self::routes::routes;
