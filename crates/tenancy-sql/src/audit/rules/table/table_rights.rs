//! TRUNCATE ignores row-level security; REFERENCES and TRIGGER let the role build what does.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_rights",
    level: Level::ERROR,
    title: "rights that pass row-level security",
    why: "TRUNCATE empties the table of every tenant; REFERENCES makes foreign keys that tell of foreign rows; TRIGGER runs the role's function in other tenants' transactions.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: "SELECT r.name, format('lets `%s` use %s', r.rolname, p.privilege), format('REVOKE %s ON %s FROM PUBLIC, %s', p.privilege, r.name, r.rolname)
        FROM relation r CROSS JOIN (VALUES ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) p (privilege)
        WHERE r.relkind IN ('r', 'p') AND r.granted AND has_table_privilege(r.role, r.oid, p.privilege)",
    faults: &[
        Fault { sql: "GRANT TRUNCATE ON notes TO {role}", says: "REVOKE TRUNCATE", also: &[] },
        Fault { sql: "GRANT REFERENCES ON notes TO {role}", says: "REFERENCES", also: &[] },
        Fault { sql: "GRANT TRIGGER ON notes TO PUBLIC", says: "TRIGGER", also: &[] },
    ],
};
