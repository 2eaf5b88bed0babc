//! A function or a table that one tenant leaves behind can stand in for a real one in the next one's session.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_creates",
    level: Level::ERROR,
    title: "the role can create lasting objects",
    why: "SQL that is injected once stays: an object that shadows a real one, or a trigger function, waits for the next tenant on this role. Schema public let everybody create before PostgreSQL 15.",
    reference: "CVE-2018-1058; https://www.postgresql.org/docs/current/ddl-schemas.html",
    sql: "SELECT quote_ident(current_database()), format('lets `%s` use CREATE', arg.rolname),
               format('REVOKE CREATE ON DATABASE %I FROM PUBLIC, %s', current_database(), arg.rolname)
        FROM arg WHERE NOT arg.rolsuper AND has_database_privilege(arg.role, current_database(), 'CREATE')
        UNION ALL
        SELECT n.nspname::text, format('lets `%s` create in it', arg.rolname), format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %s', n.nspname, arg.rolname)
        FROM arg, pg_namespace n
        WHERE NOT arg.rolsuper AND n.nspname !~ '^pg_(toast|temp)' AND has_schema_privilege(arg.role, n.oid, 'CREATE')
          AND NOT pg_has_role(arg.role, n.nspowner, 'USAGE')",
    faults: &[
        Fault { sql: "GRANT CREATE ON SCHEMA public TO {role}", says: "public", also: &[] },
        Fault { sql: "GRANT CREATE ON DATABASE {database} TO {role}", says: "REVOKE CREATE ON DATABASE", also: &[] },
    ],
};
