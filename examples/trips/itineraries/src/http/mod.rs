//! What every route of the service speaks: conditional requests, problems.

mod conditional;
mod entity_tag;
mod respond;
mod validation;

pub(crate) use self::conditional::{Preconditions, RequiredMatch};
pub(crate) use self::entity_tag::EntityTag;
pub(crate) use self::respond::{PRIVATE, created, not_modified, tagged};
pub(crate) use self::validation::Checks;
