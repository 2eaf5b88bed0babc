//! Sessions of one role see each other's statements.
//!
//! True of each server as it is installed, and so a note: it is no fault of the schema, and nothing but a superuser mends it.

use crate::audit::rule::{Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "activity_visible",
    level: Level::NOTE,
    title: "tenants that share a role see each other's running statements",
    why: "A server as it is installed hides other roles' statements in pg_stat_activity and shows all of the own role's, literals included: where tenants share a role, each other's. Bind values instead of writing them into texts, and keep the view from SQL that a tenant could inject. The SDK's statement check refuses it.",
    reference: "https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW",
    sql: "SELECT arg.rolname, 'sees the statements of every other session of its own in `pg_stat_activity`',
               'REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(integer) FROM PUBLIC'
        FROM arg
        WHERE arg.function <> 'tenancy.current_tenant()' AND NOT arg.rolsuper
          AND has_function_privilege(arg.role, 'pg_stat_get_activity(integer)', 'EXECUTE')",
    faults: &[],
};
