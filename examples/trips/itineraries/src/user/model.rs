//! A user and its input.

use serde::{Deserialize, Serialize};
use tenancy::{Result, UserId};

use crate::http::Checks;

/// A user, as others see it.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub(crate) struct User {
    pub(crate) id: UserId,
    /// `null` until the user chose one.
    pub(crate) display_name: Option<String>,
}

/// What a user says of itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    display_name: String,
}

impl Profile {
    /// The display name.
    ///
    /// # Errors
    ///
    /// 422 when it is none.
    pub(crate) fn check(self) -> Result<String> {
        let mut checks = Checks::default();
        checks.line("display_name", &self.display_name, 1..=100);
        checks.done()?;
        Ok(self.display_name)
    }
}
