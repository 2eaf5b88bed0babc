//! What to read.

mod cursor;
mod filter;
mod number;
mod plan;
mod render;

pub use self::{
    cursor::Cursor,
    filter::Filter,
    number::Number,
    plan::{Direction, Query},
};
pub(crate) use self::{
    filter::reference,
    render::{ALIAS, NAME},
};
