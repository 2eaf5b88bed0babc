//! A function that runs with its owner's rights reads what the owner reads.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "definer_functions",
    level: Level::ERROR,
    title: "a SECURITY DEFINER function that the role can call",
    why: "It runs as its owner, whose policies are not the caller's. A view calls one without USAGE on its schema. EXECUTE is everybody's unless it is revoked.",
    reference: "https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY; splinter 0028, 0029",
    sql: "SELECT name, 'runs with its owner''s rights', format('ALTER ROUTINE %s SECURITY INVOKER', name)
        FROM routine WHERE prosecdef AND callable AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)",
    faults: &[
        Fault { sql: "CREATE FUNCTION all_notes() RETURNS SETOF notes LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT * FROM notes'", says: "all_notes()", also: &[] },
        // the names of the seal's functions, and another's deed
        Fault { sql: "CREATE FUNCTION tenancy.seal_open() RETURNS SETOF public.notes LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT * FROM public.notes'", says: "tenancy.seal_open()", also: &[] },
        Fault { sql: "CREATE SCHEMA hidden; CREATE FUNCTION hidden.every() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT body FROM public.notes'; CREATE VIEW every WITH (security_invoker = true) AS SELECT * FROM hidden.every() AS body; GRANT SELECT ON every TO {role}", says: "hidden.every()", also: &[] },
    ],
};
