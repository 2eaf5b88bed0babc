//! What was done stays as it was written down: the role reads the audit log and adds to it.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "audit_rights",
    sql: "SELECT c.name, format('lets `%s` use %s, so that what was done can be undone in it', current_user, p.privilege),
               format('REVOKE %s ON %s FROM PUBLIC, %I', p.privilege, c.name, current_user)
        FROM (VALUES ('tenancy.audit_log')) c (name)
        CROSS JOIN (VALUES ('UPDATE'), ('DELETE')) p (privilege)
        WHERE to_regclass(c.name) IS NOT NULL
          AND NOT (SELECT me.rolsuper FROM pg_roles me WHERE me.rolname = current_user)
          AND (has_table_privilege(to_regclass(c.name), p.privilege)
               OR (p.privilege = 'UPDATE' AND has_any_column_privilege(to_regclass(c.name), 'UPDATE')))
        ORDER BY 1, 2",
};
