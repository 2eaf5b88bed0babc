//! What every route of the service speaks.

mod entitled;
mod fallback;
mod page;

pub(crate) use self::entitled::entitled;
pub(crate) use self::fallback::{method_not_allowed, not_found};
pub(crate) use self::page::{Page, Window};
