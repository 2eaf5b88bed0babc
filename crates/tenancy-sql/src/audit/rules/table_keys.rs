//! A unique key is checked past row-level security: one without the tenant tells a tenant which values others have. A column
//! that an index only includes is no part of its key.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "table_keys",
    sql: concat!(
        reachable!(),
        "SELECT r.name, format('has a unique key without `tenant_id`: `%s`', i.indexrelid::regclass),
               CASE WHEN c.conname IS NOT NULL
                    THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD %s (tenant_id, %s)', r.name, c.conname,
                                CASE c.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, k.columns)
                    ELSE format('DROP INDEX %I.%I; CREATE UNIQUE INDEX ON %s (tenant_id, %s)%s', n.nspname, x.relname,
                                r.name, k.columns, ' WHERE ' || pg_get_expr(i.indpred, i.indrelid)) END
        FROM reachable r JOIN pg_index i ON i.indrelid = r.oid
        JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace n ON n.oid = x.relnamespace
        LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
        CROSS JOIN LATERAL (SELECT string_agg(pg_get_indexdef(i.indexrelid, at, false), ', ' ORDER BY at)
                            FROM generate_series(1, i.indnkeyatts) at) k (columns)
        WHERE r.relkind IN ('r', 'p') AND r.tenant IS NOT NULL AND i.indisunique
          AND NOT coalesce(r.tenant = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]), false)
        UNION ALL
        SELECT r.name, format('has an exclusion constraint without `tenant_id`: `%s`', c.conname),
               format('ALTER TABLE %s DROP CONSTRAINT %I', r.name, c.conname)
        FROM reachable r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'x'
        WHERE r.tenant IS NOT NULL AND NOT EXISTS (
            SELECT FROM unnest(c.conkey, c.conexclop) AS element (attnum, operator)
            JOIN pg_operator o ON o.oid = element.operator
            WHERE element.attnum = r.tenant AND o.oprname = '=')
        ORDER BY 1, 2"
    ),
};
