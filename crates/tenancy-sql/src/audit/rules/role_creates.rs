//! A temporary table or a function that one tenant leaves behind can stand in for a real one in the next one's session.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "role_creates",
    sql: "SELECT format('%I', current_database()), format('lets `%s` use %s', current_user, p.privilege),
               format('REVOKE %s ON DATABASE %I FROM PUBLIC, %I', p.privilege, current_database(), current_user)
        FROM (VALUES ('CREATE'), ('TEMPORARY')) p (privilege)
        WHERE has_database_privilege(current_database(), p.privilege)
        UNION ALL
        SELECT n.nspname::text, format('lets `%s` create in it', current_user),
               format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', n.nspname, current_user)
        FROM pg_namespace n
        WHERE n.nspname !~ '^pg_(toast|temp)' AND has_schema_privilege(n.oid, 'CREATE')",
};
