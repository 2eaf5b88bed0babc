//! Rows without a key can't be named, replicated or moved one by one.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_keyless",
    level: Level::NOTE,
    title: "a table without a primary key",
    why: "Logical replication of updates needs a replica identity, and a move of one tenant a key to resume from.",
    reference: "https://www.postgresql.org/docs/current/logical-replication-publication.html; splinter 0004",
    sql: "SELECT name, 'has no primary key', format('ALTER TABLE %s ADD COLUMN row_id uuid NOT NULL DEFAULT gen_random_uuid(), ADD PRIMARY KEY (%s, row_id)', name, col)
        FROM tenant_table t
        WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary) AND NOT t.relispartition",
    faults: &[
        Fault { sql: "ALTER TABLE notes DROP CONSTRAINT notes_pkey; CREATE INDEX ON notes (tenant_id)", says: "public.notes", also: &[] },
    ],
};
