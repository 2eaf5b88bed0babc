//! Functions that take SQL as text run it where the statement check does not look.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "extension_query",
    level: Level::NOTE,
    title: "functions that run SQL given as text",
    why: "query_to_xml and its like, and crosstab of tablefunc, run any SELECT that they are given, policies applied: text that a user can write must not reach them.",
    reference: "https://www.postgresql.org/docs/current/functions-xml.html",
    sql: "SELECT e.extname::text, format('has functions that run SQL which `%s` gives as text', arg.rolname), format('DROP EXTENSION %I', e.extname)
        FROM arg, pg_extension e WHERE e.extname IN ('tablefunc')",
    faults: &[
        Fault { sql: "CREATE EXTENSION tablefunc", says: "tablefunc", also: &[] },
    ],
};
