#![doc = include_str!("../README.md")]

mod comment;
mod itinerary;
mod like;
mod schema;
mod service;

pub use itinerary::{Client, Itineraries};
pub use schema::MIGRATOR;
pub use service::{router, scoped};
