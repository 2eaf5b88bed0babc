//! An owner can switch row-level security off, and can change what the fence calls.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "role_owns",
    sql: "WITH owned (kind, name) AS (
            SELECT 'TABLE', format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
            WHERE r.rolname = current_user AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_(toast|temp)'
            UNION ALL
            SELECT 'SCHEMA', format('%I', n.nspname) FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
            WHERE r.rolname = current_user AND n.nspname !~ '^pg_(toast|temp)'
            UNION ALL
            SELECT 'ROUTINE', p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
            WHERE r.rolname = current_user AND p.pronamespace <> 'pg_catalog'::regnamespace
            UNION ALL
            SELECT 'DATABASE', format('%I', d.datname) FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
            WHERE r.rolname = current_user AND d.datname = current_database())
        SELECT name, format('belongs to `%s`, the role that serves', current_user),
               format('ALTER %s %s OWNER TO %s', kind, name, (
                   -- the database's owner is the one who migrates; without another, whoever runs this
                   SELECT CASE WHEN o.rolname = current_user THEN 'CURRENT_USER' ELSE quote_ident(o.rolname) END
                   FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba WHERE d.datname = current_database()))
        FROM owned
        WHERE NOT (SELECT me.rolsuper FROM pg_roles me WHERE me.rolname = current_user)
        ORDER BY 1",
};
