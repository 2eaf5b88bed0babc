//! Calls to other services, in the name of who asked.

mod error;
mod layer;
mod send;
mod trace;

pub use self::error::OutgoingError;
pub use self::layer::OutgoingLayer;
pub use self::send::{Outgoing, OutgoingFuture};
pub use self::trace::TraceParent;
pub(crate) use self::trace::is_trace_parent;
