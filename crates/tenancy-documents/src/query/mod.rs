//! What to read.

mod cursor;
mod filter;
mod number;
mod plan;
mod render;

pub(crate) use self::{filter::reference, render::ALIAS};
pub use self::{
    cursor::Cursor,
    filter::Filter,
    number::Number,
    plan::{Direction, Query},
};
