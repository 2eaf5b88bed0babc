//! The corpus (RFC 8725, and what real verifiers have let through).

mod claims;
mod envelope;
mod keys;

use crate::world::World;

pub(super) struct Row {
    /// What is wrong with it.
    pub(super) what: &'static str,
    pub(super) token: String,
    /// What the log says.
    pub(super) log: &'static str,
}

pub(super) fn row(what: &'static str, token: impl Into<String>, log: &'static str) -> Row {
    Row {
        what,
        token: token.into(),
        log,
    }
}

pub(super) fn rows(world: &World) -> Vec<Row> {
    let mut rows = envelope::segments(world);
    rows.extend(envelope::json(world));
    rows.extend(keys::algorithms(world));
    rows.extend(keys::kids(world));
    rows.extend(keys::headers(world));
    rows.extend(claims::issuers(world));
    rows.extend(claims::texts(world));
    rows.extend(claims::times(world));
    rows.extend(claims::tenants(world));
    rows.extend(claims::duplicates(world));
    rows
}
