//! An error with its causes, for people.

use std::{error::Error, fmt};

/// Writes an error and its causes in one line, each after a colon.
pub(crate) fn causes(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(f, ": {error}")?;
        cause = error.source();
    }
    Ok(())
}
