//! Why a service does not start.

use std::fmt;

use crate::{ConfigError, causes::causes};

/// Why a service does not start. `Debug` is the whole story in one line, so that a `main` that returns it says it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BootError {
    /// The configuration is wrong.
    #[error("the configuration is refused")]
    Config(#[from] ConfigError),
    /// A database can't isolate tenants, or could not be asked.
    #[error("the databases can't be proven to isolate tenants")]
    Unsafe(#[from] tenancy_sql::Unsafe),
    /// The registry does not answer, or does not answer for this deployment.
    #[error("the registry does not answer for this deployment: {0}")]
    Registry(String),
}

impl fmt::Debug for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        causes(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_the_causes_and_display_does_not_repeat_them() {
        let error = BootError::from(ConfigError::key("sql.max_connections", "`0` is not in 1 to 1000"));
        assert_eq!(error.to_string(), "the configuration is refused");
        assert_eq!(
            format!("{error:?}"),
            "the configuration is refused: `sql.max_connections`: `0` is not in 1 to 1000"
        );
    }
}
