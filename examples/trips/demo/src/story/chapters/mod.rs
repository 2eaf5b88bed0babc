//! The chapters, in the order in which they are told.

pub(super) mod browser;
pub(super) mod jobs;
pub(super) mod keys;
pub(super) mod operators;
pub(super) mod places;
pub(super) mod plan;
pub(super) mod publisher;
pub(super) mod rates;
pub(super) mod reach;
pub(super) mod revocation;
pub(super) mod roles;
pub(super) mod suspension;
pub(super) mod tokens;
pub(super) mod traces;
mod until;
pub(super) mod welcome;
pub(super) mod work;

/// An id that nobody has.
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";
/// The name that every tenant gives its photo.
const PHOTO: &str = "beach.jpg";
