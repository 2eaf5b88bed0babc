#![doc = include_str!("../README.md")]

mod export;
mod http;
mod itinerary;
mod photo;
mod schema;
mod service;
mod user;
mod welcome;

pub use export::Worker;
pub use itinerary::PublishItinerary;
pub use schema::MIGRATOR;
pub use service::{Queue, public, router, scoped};
