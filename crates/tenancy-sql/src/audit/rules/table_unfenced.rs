//! What the role can reach is fenced, for the owner too: a table by row-level security, a view by running as its reader.
//! Materialised views and foreign tables can't be.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "table_unfenced",
    sql: concat!(
        reachable!(),
        "SELECT name, 'has no row-level security that is enabled and forced',
               CASE WHEN tenant IS NULL THEN format('REVOKE ALL ON %s FROM PUBLIC, %I', name, current_user)
                    ELSE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name) END
        FROM reachable WHERE relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)
        UNION ALL
        SELECT name, 'is a view that reads with its owner''s rights', format('ALTER VIEW %s SET (security_invoker = true)', name)
        FROM reachable WHERE relkind = 'v' AND NOT EXISTS (
            SELECT FROM pg_options_to_table(reloptions) o
            WHERE o.option_name = 'security_invoker' AND lower(o.option_value) IN ('true', 'on', 'yes', '1'))
        UNION ALL
        SELECT name, CASE relkind WHEN 'm' THEN 'is a materialised view' ELSE 'is a foreign table' END
                     || ', which no policy can fence',
               format('REVOKE ALL ON %s FROM PUBLIC, %I', name, current_user)
        FROM reachable WHERE relkind IN ('m', 'f')
        ORDER BY 1"
    ),
};
