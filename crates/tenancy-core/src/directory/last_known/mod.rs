//! What was known last, in a file: for a restart while the registry does not answer.

mod content;
mod file;
mod keep;

pub use self::file::LastKnownError;
pub use self::keep::{LastKnown, LastKnownKeeper};
