//! The one way to the database: each request is looked at as it is sent.

mod call;
mod fence;
mod status;
mod value;

pub(crate) use self::{
    call::{Failure, Wire, Writing},
    status::{Outcome, outcome},
    value::{decode, encode, time, value},
};

/// The messages of the protocol.
pub(crate) use firestore::gcloud_sdk::google::firestore::v1 as proto;
