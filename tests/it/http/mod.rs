//! The services over HTTP: every route, asked by those who may and those who may not.

mod bad_input;
mod complete;
mod none;
mod other;
mod own;
mod roles;
mod routes;
