//! A session that asks for no row-level security gets errors, or with BYPASSRLS everything.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_row_security",
    level: Level::WARNING,
    title: "the role runs with row_security off",
    why: "With row_security = off a statement that a policy would filter is an error; a role that bypasses policies gets every row and no error. It belongs to backups, not to a service.",
    reference: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-ROW-SECURITY",
    sql: "SELECT arg.rolname, 'starts its sessions with `row_security = off`',
               CASE WHEN d.setrole = 0 THEN format('ALTER DATABASE %I RESET row_security', current_database())
                    ELSE format('ALTER ROLE %s%s RESET row_security', arg.rolname, CASE WHEN d.setdatabase <> 0 THEN format(' IN DATABASE %I', current_database()) END) END
        FROM arg, pg_db_role_setting d, unnest(d.setconfig) item
        WHERE d.setrole IN (0, arg.role) AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          AND item = 'row_security=off'",
    faults: &[
        Fault { sql: "ALTER ROLE {role} IN DATABASE {database} SET row_security = off", says: "RESET row_security", also: &[] },
    ],
};
