//! Tenants share a sequence: who reads it learns how much others write, who sets it makes their next rows collide.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "sequence_rights",
    sql: "SELECT s.name, format('lets `%s` read or set the counter of all tenants', current_user),
               format('REVOKE SELECT, UPDATE ON SEQUENCE %s FROM PUBLIC, %I', s.name, current_user)
        FROM (SELECT format('%I.%I', n.nspname, c.relname) AS name,
                     -- in this order: the right of what is no sequence is an error
                     CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT, UPDATE') END AS reached
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname !~ '^pg_(toast|temp)') s
        WHERE s.reached AND NOT (SELECT me.rolsuper FROM pg_roles me WHERE me.rolname = current_user)
        ORDER BY 1",
};
