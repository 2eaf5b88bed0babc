//! What a role may become with SET ROLE, injected SQL may become too.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_memberships",
    level: Level::ERROR,
    title: "the role may become a role that reaches past the fence",
    why: "A member can SET ROLE, inherited or not: what that role owns or bypasses is one injected statement away. The roles of the server (pg_read_all_data, pg_execute_server_program, ...) read tables, files or other sessions.",
    reference: "https://www.postgresql.org/docs/current/predefined-roles.html",
    sql: "SELECT arg.rolname, format('is a member of `%s`, which reaches past row-level security or owns tables', r.rolname),
               format('REVOKE %I FROM %s', r.rolname, arg.rolname)
        FROM arg, pg_roles r
        WHERE r.oid <> arg.role AND NOT arg.rolsuper AND pg_has_role(arg.role, r.oid, 'MEMBER')
          AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication
               OR (r.rolname ~ '^pg_' AND r.rolname <> 'pg_database_owner')
               OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND d.datdba = r.oid)
               OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')))",
    faults: &[
        Fault { sql: "ALTER ROLE {role} NOINHERIT; GRANT {owner} TO {role}", says: "REVOKE", also: &[] },
        Fault { sql: "GRANT pg_signal_backend TO {role}", says: "REVOKE pg_signal_backend", also: &[] },
        Fault { sql: "ALTER ROLE {role} NOINHERIT; GRANT pg_read_all_data TO {role}", says: "pg_read_all_data", also: &[] },
    ],
};
