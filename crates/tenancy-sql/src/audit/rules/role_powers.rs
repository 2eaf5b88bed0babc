//! A superuser and a role with BYPASSRLS see every row; the others can become one or copy everything.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "role_powers",
    sql: "SELECT r.rolname::text, 'has ' || p.power, format('ALTER ROLE %I NO%s', r.rolname, p.power)
        FROM pg_roles r CROSS JOIN LATERAL (VALUES
            ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('CREATEROLE', r.rolcreaterole),
            ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication)) p (power, has)
        WHERE p.has AND r.rolname = current_user",
};
