//! What all tenants read, no tenant may write.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "global_writable",
    level: Level::ERROR,
    title: "a global table that the role may write",
    why: "A row that one tenant writes into a table of all tenants is read by all of them.",
    reference: "https://www.postgresql.org/docs/current/ddl-priv.html",
    sql: "SELECT r.name, format('is declared global and lets `%s` use %s', r.rolname, string_agg(p.privilege, ', ')),
               format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC, %s', r.name, r.rolname)
        FROM relation r CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE')) p (privilege)
        WHERE r.relkind IN ('r', 'p') AND r.global AND r.granted
          AND CASE p.privilege WHEN 'DELETE' THEN has_table_privilege(r.role, r.oid, 'DELETE') ELSE has_any_column_privilege(r.role, r.oid, p.privilege) END
        GROUP BY r.name, r.rolname",
    faults: &[
        Fault { sql: "CREATE TABLE countries (code text PRIMARY KEY); COMMENT ON TABLE countries IS 'tenancy: global: the world is everybody''s'; GRANT SELECT, INSERT ON countries TO {role}", says: "INSERT", also: &[] },
    ],
};
