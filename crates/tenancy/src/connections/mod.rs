//! Connections: accepted up to a number, in all and of each address, and closed when their client takes too long.

mod addresses;
mod serve;
mod unread;

pub(crate) use self::serve::{Limits, serve};
