//! Requests at a time: places, and a fair queue before them.

mod gate;
mod wait;

pub(crate) use self::gate::Queue;
