//! Requests of an address, before anybody is known.

mod clock;
mod limiter;
mod network;
mod store;

pub(crate) use self::limiter::Addresses;
