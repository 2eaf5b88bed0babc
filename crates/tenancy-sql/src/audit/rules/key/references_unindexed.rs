//! The referencing side of a foreign key has no index of its own accord.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "references_unindexed",
    level: Level::WARNING,
    title: "a foreign key without an index",
    why: "Each delete or key change of a referenced row scans the whole table of all tenants, under a lock.",
    reference: "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK; splinter 0001",
    sql: "SELECT r.name, format('has a foreign key without an index: `%s`', c.conname), format('CREATE INDEX ON %s (%s)', r.name, k.columns)
        FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'f' AND c.conparentid = 0
        CROSS JOIN LATERAL (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY o.at)
                            FROM unnest(c.conkey) WITH ORDINALITY o (attnum, at) JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = o.attnum) k (columns)
        WHERE r.relkind IN ('r', 'p') AND NOT EXISTS (
            SELECT FROM pg_index i
            WHERE i.indrelid = r.oid AND i.indisvalid
              -- its first columns are the key's, in any order; or all of the key's but the tenant, which is not selective
              AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)",
    faults: &[
        Fault { sql: "CREATE TABLE parts (tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant(), id uuid, note uuid, PRIMARY KEY (tenant_id, id), CONSTRAINT parts_note FOREIGN KEY (tenant_id, note) REFERENCES notes (tenant_id, id)); {fence:parts}", says: "parts_note", also: &[] },
    ],
};
