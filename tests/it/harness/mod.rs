//! What the tests stand on.

mod call;
mod cell;
mod guest;
mod instance;
mod logs;
mod sql;
mod stock;
mod trips;

pub(crate) use self::call::{Answer, Body, Call};
pub(crate) use self::cell::{Cell, Schema, permit, scope};
pub(crate) use self::guest::{Guest, new_user};
pub(crate) use self::instance::{Instance, Settings, reasons, until};
pub(crate) use self::sql::{as_superuser, connect};
pub(crate) use self::stock::{PHOTO, Stock};
pub(crate) use self::trips::{Trips, on_trips};
