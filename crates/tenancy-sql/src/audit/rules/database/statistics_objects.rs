//! Extended statistics keep values of all tenants.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "statistics_objects",
    level: Level::NOTE,
    title: "extended statistics of a tenant's table",
    why: "They sample rows past row-level security. pg_stats_ext did not hide them before 16.3, 15.7 and 14.12, and a cluster that is older than that needs the script besides the update.",
    reference: "CVE-2024-4317; CVE-2025-8713",
    sql: "SELECT format('%I.%I', n.nspname, s.stxname), format('keeps values of all tenants of %s', t.name), format('DROP STATISTICS %I.%I', n.nspname, s.stxname)
        FROM tenant_table t JOIN pg_statistic_ext s ON s.stxrelid = t.oid JOIN pg_namespace n ON n.oid = s.stxnamespace",
    faults: &[
        Fault { sql: "CREATE STATISTICS both_of_them ON id, body FROM notes", says: "both_of_them", also: &[] },
    ],
};
