//! The isolation suite over what the trips application stores.

mod raw;
mod sdk;
mod suite;
