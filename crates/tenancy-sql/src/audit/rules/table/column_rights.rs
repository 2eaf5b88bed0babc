//! Rights on single columns are not seen where tables are looked at.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "column_rights",
    level: Level::NOTE,
    title: "rights on single columns",
    why: "Most reviews and tools read the rights of tables only. A column that is kept from the role also names itself in errors, and `SELECT *` fails: a view says the same in one place.",
    reference: "https://www.postgresql.org/docs/current/ddl-priv.html",
    sql: "SELECT r.name, format('gives `%s` rights on single columns: %s', r.rolname, string_agg(DISTINCT a.attname, ', ')),
               format('REVOKE ALL (%s) ON %s FROM PUBLIC, %s', string_agg(DISTINCT quote_ident(a.attname), ', '), r.name, r.rolname)
        FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND NOT a.attisdropped
        CROSS JOIN LATERAL aclexplode(a.attacl) acl
        WHERE r.granted AND (acl.grantee = 0 OR acl.grantee = r.role)
        GROUP BY r.name, r.rolname",
    faults: &[
        Fault { sql: "GRANT UPDATE (body) ON notes TO {role}", says: "body", also: &[] },
    ],
};
