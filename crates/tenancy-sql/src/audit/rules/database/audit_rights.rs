//! What was done stays as it was written down: the role reads the audit log and adds to it.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "audit_rights",
    level: Level::ERROR,
    title: "an audit log that can be changed",
    why: "Who can change or delete its rows can undo what was done in it.",
    reference: "the SDK's table tenancy.audit_log",
    sql: "SELECT c.name, format('lets `%s` use %s, so that what was done can be undone in it', arg.rolname, p.privilege), format('REVOKE %s ON %s FROM PUBLIC, %s', p.privilege, c.name, arg.rolname)
        FROM arg, (VALUES ('tenancy.audit_log')) c (name) CROSS JOIN (VALUES ('UPDATE'), ('DELETE')) p (privilege)
        WHERE to_regclass(c.name) IS NOT NULL AND NOT arg.rolsuper
          AND (has_table_privilege(arg.role, to_regclass(c.name), p.privilege)
               OR (p.privilege = 'UPDATE' AND has_any_column_privilege(arg.role, to_regclass(c.name), 'UPDATE')))",
    faults: &[
        Fault { sql: "GRANT UPDATE ON tenancy.audit_log TO {role}", says: "REVOKE UPDATE ON tenancy.audit_log", also: &[] },
        Fault { sql: "GRANT DELETE ON tenancy.audit_log TO PUBLIC", says: "REVOKE DELETE ON tenancy.audit_log", also: &[] },
    ],
};
