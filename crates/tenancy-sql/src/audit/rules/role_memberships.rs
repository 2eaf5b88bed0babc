//! What a role may become with SET ROLE, injected SQL may become too. A superuser is a member of all; another rule says so.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "role_memberships",
    sql: "SELECT current_user::text, format('is a member of `%s`, which reaches past row-level security or owns tables', r.rolname),
               format('REVOKE %I FROM %I', r.rolname, current_user)
        FROM pg_roles r
        WHERE r.rolname <> current_user AND pg_has_role(current_user, r.oid, 'MEMBER')
          AND NOT (SELECT me.rolsuper FROM pg_roles me WHERE me.rolname = current_user)
          AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication
               OR (r.rolname ~ '^pg_' AND r.rolname <> 'pg_database_owner')
               OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND d.datdba = r.oid)
               OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')))",
};
