//! A foreign key is checked past row-level security: one without the tenant can point at another tenant's row, and tells
//! whether it exists.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "table_references",
    sql: concat!(
        reachable!(),
        "SELECT r.name, format('has a foreign key that does not compare `tenant_id`: `%s`', c.conname),
               format('ALTER TABLE %s DROP CONSTRAINT %I, ADD %s', r.name, c.conname,
                      -- both lists of columns; the referenced one is a key once `table_keys` is content
                      regexp_replace(pg_get_constraintdef(c.oid), '\\(([^)]*)\\)', '(tenant_id, \\1)', 'g'))
        FROM reachable r
        JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'f'
        LEFT JOIN pg_attribute t ON t.attrelid = c.confrelid AND t.attname = 'tenant_id' AND NOT t.attisdropped
        WHERE t.attnum IS NOT NULL AND NOT EXISTS (
            SELECT FROM unnest(c.conkey, c.confkey) AS pair (here, there)
            WHERE pair.here = r.tenant AND pair.there = t.attnum)
        ORDER BY 1, 2"
    ),
};
