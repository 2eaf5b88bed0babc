//! What every route of the service speaks: conditional requests, pages, problems.

mod conditional;
mod entity_tag;
mod page;
mod respond;
mod validation;

pub(crate) use self::conditional::{Preconditions, RequiredMatch};
pub(crate) use self::entity_tag::EntityTag;
pub(crate) use self::page::{Page, Window};
pub(crate) use self::respond::{PRIVATE, created, not_modified, tagged};
pub(crate) use self::validation::Checks;
