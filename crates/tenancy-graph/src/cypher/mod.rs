//! Cypher that may be sent.

mod guard;
mod lexer;
mod name;
mod query;
mod refusal;
mod value;

pub(crate) use self::guard::check_schema;
pub use self::{
    name::{Label, Name, ParseNameError, PropertyName, RelationshipType},
    query::Cypher,
    refusal::CypherError,
};
