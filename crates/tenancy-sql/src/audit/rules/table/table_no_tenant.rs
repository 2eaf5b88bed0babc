//! A table that no tenant column divides belongs to nobody and everybody.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_no_tenant",
    level: Level::ERROR,
    title: "a reachable table without a tenant column",
    why: "Nothing says whose its rows are, and nothing hides them. Give it the column, take the role's rights, or, when it really is everybody's, say so: `COMMENT ON TABLE x IS 'tenancy: global: why'`, with SELECT only.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: "SELECT name, format('has no column `%s`, so its rows are nobody''s and everybody''s', col), format('REVOKE ALL ON %s FROM PUBLIC, %s', name, rolname)
        FROM relation r WHERE relkind IN ('r', 'p') AND tenant IS NULL AND NOT global AND NOT relrowsecurity",
    faults: &[
        Fault { sql: "CREATE TABLE plain (id int PRIMARY KEY); GRANT SELECT ON plain TO {role}", says: "public.plain", also: &[] },
        Fault { sql: "CREATE SCHEMA hidden; CREATE TABLE hidden.plain (body text PRIMARY KEY); GRANT SELECT ON hidden.plain TO {role}; CREATE VIEW plain WITH (security_invoker = true) AS SELECT * FROM hidden.plain; GRANT SELECT ON plain TO {role}", says: "hidden.plain", also: &[] },
    ],
};
