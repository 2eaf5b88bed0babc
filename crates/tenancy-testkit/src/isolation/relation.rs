//! A table or view that the role reaches.

use super::Verb;

/// A table or view, with what statements on it need. Every name was quoted by the server.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Relation {
    /// With its schema.
    pub(super) name: String,
    /// Whether it holds rows itself, and is no view.
    pub(super) stores: bool,
    /// Whether it has the column `tenant_id`.
    pub(super) tenant: bool,
    /// The columns that can be written.
    pub(super) columns: Vec<String>,
    /// The columns of its primary key, or else of another unique key.
    pub(super) key: Vec<String>,
    /// What the role may do with the whole of it.
    rights: Vec<String>,
}

impl Relation {
    /// The verbs that there are for it.
    pub(super) fn takes(&self, verb: Verb) -> bool {
        self.stores || matches!(verb, Verb::Select | Verb::CopyQuery)
    }

    /// Whether the role has the rights that the verb's statement needs.
    pub(super) fn allows(&self, verb: Verb) -> bool {
        let needs: &[&str] = match verb {
            Verb::Select | Verb::CopyTable | Verb::CopyQuery => &["SELECT"],
            Verb::Insert | Verb::CopyFrom => &["INSERT"],
            Verb::Update => &["SELECT", "UPDATE"],
            Verb::Reassign => &["UPDATE"],
            Verb::Delete => &["SELECT", "DELETE"],
            Verb::Upsert => &["SELECT", "INSERT", "UPDATE"],
            Verb::Truncate => &["TRUNCATE"],
        };
        needs
            .iter()
            .all(|need| self.rights.iter().any(|right| right == need))
    }

    /// Whether the role reaches it by rights on some of its columns only.
    pub(super) fn in_parts(&self) -> bool {
        self.rights.is_empty()
    }
}
