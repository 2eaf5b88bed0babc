//! A temporary table stands before every real one of its name, for whoever gets the session next.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_temporary",
    level: Level::ERROR,
    title: "the role can create temporary tables",
    why: "pg_temp is searched first, whatever search_path says. In a pool the next tenant gets the session, and its INSERT goes into the table that the last one left (reproduced; no check of the scope sees it). PUBLIC has TEMPORARY unless it is revoked.",
    reference: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH",
    sql:
        "SELECT quote_ident(current_database()), format('lets `%s` use TEMPORARY', arg.rolname),
               format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, %s', current_database(), arg.rolname)
        FROM arg WHERE NOT arg.rolsuper AND has_database_privilege(arg.role, current_database(), 'TEMPORARY')",
    faults: &[Fault {
        sql: "GRANT TEMPORARY ON DATABASE {database} TO {role}",
        says: "REVOKE TEMPORARY",
        also: &[],
    }],
};
