//! A session that starts with a tenant is never without one: the fence would open where no scope was set.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_tenant",
    level: Level::ERROR,
    title: "a session has a tenant before it is scoped",
    why: "A tenant that comes from the role, the database, the server or the URL makes a forgotten scope somebody's data instead of an error, and RESET ALL goes back to it.",
    reference: "https://www.postgresql.org/docs/current/sql-alterrole.html",
    sql: "SELECT arg.rolname, format('starts with `%s` set, by %s', arg.setting, string_agg(s.place, ' and ')),
               string_agg(s.remedy, '; ')
        FROM arg CROSS JOIN LATERAL (
            SELECT CASE WHEN d.setrole = 0 THEN 'ALTER DATABASE' ELSE 'ALTER ROLE' END,
                   CASE WHEN d.setrole = 0 THEN format('ALTER DATABASE %I RESET %s', current_database(), arg.setting)
                        ELSE format('ALTER ROLE %s%s RESET %s', arg.rolname, CASE WHEN d.setdatabase <> 0 THEN format(' IN DATABASE %I', current_database()) END, arg.setting) END
            FROM pg_db_role_setting d, unnest(d.setconfig) item
            WHERE d.setrole IN (0, arg.role) AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
              AND item LIKE arg.setting || '=_%'
            UNION ALL
            SELECT 'the server or the URL', 'SELECT ''take it out of postgresql.conf and of the URL''::text'
            WHERE coalesce(current_setting(arg.setting, true), '') <> ''
              AND NOT EXISTS (SELECT FROM pg_db_role_setting d, unnest(d.setconfig) item
                              WHERE d.setrole IN (0, arg.role, (SELECT oid FROM pg_roles WHERE rolname = session_user)) AND item LIKE arg.setting || '=_%')
        ) s (place, remedy)
        GROUP BY arg.rolname, arg.setting",
    faults: &[
        Fault { sql: "ALTER ROLE {role} IN DATABASE {database} SET app.current_tenant = '018f0000-0000-7000-8000-000000000001'", says: "RESET app.current_tenant", also: &[] },
        Fault { sql: "ALTER DATABASE {database} SET app.current_tenant = '018f0000-0000-7000-8000-000000000001'", says: "ALTER DATABASE", also: &[] },
    ],
};
