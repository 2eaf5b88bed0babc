//! A unique key is checked past row-level security.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_keys",
    level: Level::WARNING.error_in_ours(),
    title: "a unique key without the tenant",
    why: "One without the tenant tells a tenant which values others have, by refusing them, and ON CONFLICT DO NOTHING drops their rows in silence. A column that an index only includes is no part of its key.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: "SELECT r.name, format('has a unique key without `%s`: `%s`', r.col, i.indexrelid::regclass),
               CASE WHEN c.conname IS NOT NULL
                    THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD %s (%s, %s)', r.name, c.conname,
                                CASE c.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, r.col, k.columns)
                    ELSE format('DROP INDEX %I.%I; CREATE UNIQUE INDEX ON %s (%s, %s)%s', n.nspname, x.relname,
                                r.name, r.col, k.columns, ' WHERE ' || pg_get_expr(i.indpred, i.indrelid)) END
        FROM tenant_table r JOIN pg_index i ON i.indrelid = r.oid
        JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace n ON n.oid = x.relnamespace
        LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
        CROSS JOIN LATERAL (SELECT string_agg(pg_get_indexdef(i.indexrelid, at, false), ', ' ORDER BY at)
                            FROM generate_series(1, i.indnkeyatts) at) k (columns)
        WHERE i.indisunique AND NOT r.global AND NOT x.relispartition
          AND NOT coalesce(r.tenant = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]), false)
        UNION ALL
        SELECT r.name, format('has an exclusion constraint without `%s`: `%s`', r.col, c.conname), format('ALTER TABLE %s DROP CONSTRAINT %I', r.name, c.conname)
        FROM tenant_table r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'x'
        WHERE NOT EXISTS (
            SELECT FROM unnest(c.conkey, c.conexclop) AS element (attnum, operator)
            JOIN pg_operator o ON o.oid = element.operator
            WHERE element.attnum = r.tenant AND o.oprname = '=')",
    faults: &[
        Fault { sql: "CREATE UNIQUE INDEX one_body ON notes (body)", says: "one_body", also: &[] },
        Fault { sql: "CREATE UNIQUE INDEX sly ON notes (body) INCLUDE (tenant_id)", says: "sly", also: &[] },
        Fault { sql: "CREATE EXTENSION btree_gist; ALTER TABLE notes ADD CONSTRAINT others EXCLUDE USING gist (tenant_id WITH <>, id WITH =)", says: "others", also: &[] },
    ],
};
