//! A unique key is checked past row-level security: one without the tenant tells a tenant which values others have. A column
//! that an index only includes is no part of its key.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "table_keys",
    sql: concat!(
        reachable!(),
        "SELECT r.name, format('has a unique key without `tenant_id`: `%s`', i.indexrelid::regclass),
               format('make `tenant_id` the first column of %s', i.indexrelid::regclass)
        FROM reachable r JOIN pg_index i ON i.indrelid = r.oid
        WHERE r.relkind IN ('r', 'p') AND r.tenant IS NOT NULL AND i.indisunique
          AND NOT coalesce(r.tenant = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]), false)
        UNION ALL
        SELECT r.name, format('has an exclusion constraint without `tenant_id`: `%s`', c.conname),
               format('add `tenant_id WITH =` to %I', c.conname)
        FROM reachable r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'x'
        WHERE r.tenant IS NOT NULL AND NOT EXISTS (
            SELECT FROM unnest(c.conkey, c.conexclop) AS element (attnum, operator)
            JOIN pg_operator o ON o.oid = element.operator
            WHERE element.attnum = r.tenant AND o.oprname = '=')
        ORDER BY 1, 2"
    ),
};
