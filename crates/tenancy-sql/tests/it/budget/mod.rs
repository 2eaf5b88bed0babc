//! One budget of connections over many databases.

mod bounds;
mod routes;
mod storm;
mod waits;
