//! A query: text that the service wrote, names that were parsed, and parameters.

use std::fmt;

use neo4rs::{BoltType, Query};
use serde::Serialize;

use super::{CypherError, Name, guard, value};

/// A query: text that the service wrote, names that were parsed, and parameters that carry the values.
///
/// ```
/// use tenancy_graph::{Cypher, Label};
///
/// # fn f(kind: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let kind: Label = kind.parse()?; // from a caller: parsed once
/// let near = Cypher::new("MATCH (:Place {id: $id})-[:NEAR]-(p:")
///     .name(&kind)
///     .then(") RETURN p.title AS title LIMIT 10")
///     .param("id", 7);
/// # Ok(()) }
/// ```
///
/// Text that was made at run time is no query:
///
/// ```compile_fail,E0716
/// let id = String::from("7");
/// tenancy_graph::Cypher::new(&format!("MATCH (p:Place {{id: {id}}}) RETURN p"));
/// ```
///
/// When it is used, the text is looked at before it is sent, in some microseconds: [`CypherError`] says what is refused.
#[derive(Clone)]
pub struct Cypher {
    text: String,
    params: Vec<(&'static str, BoltType)>,
    fault: Option<CypherError>,
}

impl Cypher {
    /// A query that begins with, or is, this text.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            params: Vec::new(),
            fault: None,
        }
    }

    /// Goes on with more text.
    #[must_use]
    pub fn then(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with a label, a relationship type or a property's name, quoted.
    #[must_use]
    pub fn name(mut self, name: &impl Name) -> Self {
        self.text.push('`');
        self.text.push_str(name.as_str());
        self.text.push('`');
        self
    }

    /// Sets a parameter: `$name` in the text. Whatever serializes, as JSON has it: times are texts (`datetime($at)` reads
    /// one), bytes are lists of numbers.
    #[must_use]
    pub fn param(mut self, name: &'static str, value: impl Serialize) -> Self {
        if self.params.iter().any(|(taken, _)| *taken == name) {
            self.fault = Some(CypherError::Parameter(name, "it is set twice".to_owned()));
        }
        match value::bolt(value) {
            Ok(value) => self.params.push((name, value)),
            Err(why) => self.fault = Some(CypherError::Parameter(name, why)),
        }
        self
    }

    /// Looks at the query as its use does.
    ///
    /// # Errors
    ///
    /// Why it would not be sent.
    pub fn check(&self) -> Result<(), CypherError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        guard::check(&self.text)
    }

    /// What the driver sends, when it may be.
    pub(crate) fn query(self) -> tenancy_core::Result<Query> {
        if let Err(refusal) = self.check() {
            tracing::error!(%refusal, "a query was refused before it was sent");
            return Err(
                tenancy_core::Error::internal("a query was refused before it was sent").with_source(refusal),
            );
        }
        Ok(Query::new(self.text).params(self.params))
    }
}

impl From<&'static str> for Cypher {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl From<&Cypher> for Cypher {
    fn from(query: &Self) -> Self {
        query.clone()
    }
}

impl fmt::Debug for Cypher {
    /// Without the parameters: they are the tenant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.params.iter().map(|(name, _)| name).collect();
        f.debug_struct("Cypher")
            .field("text", &self.text)
            .field("params", &names)
            .finish_non_exhaustive()
    }
}
