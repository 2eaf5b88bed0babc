//! What the tests stand on.

mod cell;
mod sql;

pub(crate) use self::cell::{Cell, Schema, permit};
pub(crate) use self::sql::{as_superuser, connect};
