//! TRUNCATE ignores row-level security; REFERENCES and TRIGGER let the role build what does.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "table_rights",
    sql: concat!(
        reachable!(),
        "SELECT r.name, format('lets `%s` use %s', current_user, p.privilege),
               format('REVOKE %s ON %s FROM PUBLIC, %I', p.privilege, r.name, current_user)
        FROM reachable r CROSS JOIN (VALUES ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) p (privilege)
        WHERE r.relkind IN ('r', 'p') AND has_table_privilege(r.oid, p.privilege)
          AND NOT (SELECT me.rolsuper FROM pg_roles me WHERE me.rolname = current_user)
        ORDER BY 1, 2"
    ),
};
