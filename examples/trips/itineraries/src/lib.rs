#![doc = include_str!("../README.md")]

mod http;
mod itinerary;
mod photo;
mod schema;
mod service;
mod user;

pub use schema::MIGRATOR;
pub use service::{router, scoped};
