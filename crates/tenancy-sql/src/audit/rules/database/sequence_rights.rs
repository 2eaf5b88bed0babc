//! Tenants share a sequence: who reads it learns how much others write, who sets it makes their next rows collide.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "sequence_rights",
    level: Level::WARNING.error_in_ours(),
    title: "a sequence that the role may read or set",
    why: "last_value is the number of rows of all tenants; setval makes their next inserts fail. USAGE is enough for nextval.",
    reference: "https://www.postgresql.org/docs/current/functions-sequence.html",
    sql: "SELECT s.name, format('lets `%s` read or set the counter of all tenants', s.rolname), format('REVOKE SELECT, UPDATE ON SEQUENCE %s FROM PUBLIC, %s', s.name, s.rolname)
        FROM (SELECT format('%I.%I', n.nspname, c.relname) AS name, arg.rolname,
                     -- in this order: the right of what is no sequence is an error
                     CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(arg.role, c.oid, 'SELECT, UPDATE') END AS reached
              FROM arg, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname !~ '^pg_(toast|temp)' AND NOT arg.rolsuper AND c.relowner <> arg.role
                AND (cardinality(arg.schemas) = 0 OR n.nspname = ANY (arg.schemas))) s
        WHERE s.reached",
    faults: &[
        Fault { sql: "CREATE SEQUENCE counter; GRANT ALL ON SEQUENCE counter TO {role}", says: "REVOKE SELECT, UPDATE ON SEQUENCE public.counter", also: &[] },
    ],
};
