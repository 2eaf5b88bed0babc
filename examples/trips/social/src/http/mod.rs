//! What every route of the service speaks.

mod entitled;

pub(crate) use self::entitled::entitled;
