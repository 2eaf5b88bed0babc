//! What every route of the service speaks.

mod entitled;
mod page;

pub(crate) use self::entitled::entitled;
pub(crate) use self::page::{Page, Window};
