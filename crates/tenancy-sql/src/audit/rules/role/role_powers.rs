//! A superuser and a role with BYPASSRLS see every row; the others can become one or copy everything.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_powers",
    level: Level::ERROR,
    title: "the role has a power that no policy stops",
    why: "Row-level security is not applied to superusers and to roles with BYPASSRLS; CREATEROLE, CREATEDB and REPLICATION are ways to one, or to a copy of all rows.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: "SELECT r.rolname::text, 'has ' || p.power, format('ALTER ROLE %I NO%s', r.rolname, p.power)
        FROM arg JOIN pg_roles r ON r.oid = arg.role
        CROSS JOIN LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('CREATEROLE', r.rolcreaterole),
                                   ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication)) p (power, has)
        WHERE p.has",
    faults: &[
        Fault { sql: "ALTER ROLE {role} BYPASSRLS", says: "NOBYPASSRLS", also: &[] },
        Fault { sql: "ALTER ROLE {role} CREATEROLE", says: "NOCREATEROLE", also: &[] },
        Fault { sql: "ALTER ROLE {role} REPLICATION", says: "NOREPLICATION", also: &[] },
        Fault { sql: "ALTER ROLE {role} SUPERUSER", says: "NOSUPERUSER", also: &[] },
    ],
};
