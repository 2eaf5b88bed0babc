//! An owner can switch row-level security off, and can change what the fence calls.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_owns",
    level: Level::ERROR,
    title: "the role owns what it should only use",
    why: "The owner of a table can disable its row-level security, drop its policies, and is not subject to it without FORCE; the owner of a function or schema can change what a policy calls.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: "SELECT o.name, format('belongs to `%s`, the role that serves', arg.rolname), format('ALTER %s %s OWNER TO %s', o.kind, o.name, heir.name)
        FROM arg CROSS JOIN LATERAL (
            SELECT 'TABLE', format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relowner = arg.role AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_(toast|temp)'
            UNION ALL
            SELECT 'SCHEMA', format('%I', n.nspname) FROM pg_namespace n WHERE n.nspowner = arg.role AND n.nspname !~ '^pg_(toast|temp)'
            UNION ALL
            SELECT 'ROUTINE', p.oid::regprocedure::text FROM pg_proc p WHERE p.proowner = arg.role AND p.pronamespace <> 'pg_catalog'::regnamespace
            UNION ALL
            SELECT 'DATABASE', format('%I', d.datname) FROM pg_database d WHERE d.datdba = arg.role AND d.datname = current_database()
        ) o (kind, name)
        -- the database's owner is the one who migrates; without another, whoever runs the statement
        CROSS JOIN LATERAL (SELECT CASE WHEN d.datdba = arg.role THEN 'CURRENT_USER' ELSE quote_ident(pg_get_userbyid(d.datdba)) END
                            FROM pg_database d WHERE d.datname = current_database()) heir (name)
        WHERE NOT arg.rolsuper",
    faults: &[
        Fault { sql: "ALTER TABLE notes OWNER TO {role}", says: "public.notes", also: &[] },
        Fault { sql: "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION mine() OWNER TO {role}", says: "mine()", also: &[] },
    ],
};
