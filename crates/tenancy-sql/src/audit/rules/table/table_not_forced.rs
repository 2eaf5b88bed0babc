//! An owner is not subject to the policies of its tables, unless they are forced.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_not_forced",
    level: Level::WARNING.error_in_ours(),
    title: "row-level security that its owner passes",
    why: "What runs as the owner (views, SECURITY DEFINER functions, triggers, a service by mistake) sees every row. Migrations that must pass the fence do so under a role of their own with BYPASSRLS.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: "SELECT name, 'has row-level security that is not forced', format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name)
        FROM relation WHERE relkind IN ('r', 'p') AND relrowsecurity AND NOT relforcerowsecurity",
    faults: &[
        Fault { sql: "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY", says: "FORCE ROW LEVEL SECURITY", also: &[] },
    ],
};
