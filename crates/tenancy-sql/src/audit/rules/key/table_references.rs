//! A foreign key is checked past row-level security.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_references",
    level: Level::WARNING.error_in_ours(),
    title: "a foreign key that does not compare the tenant",
    why: "A row of one tenant can point at another's, and be deleted with it; that the key is refused or not tells whether the other row exists.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: r#"SELECT r.name, format('has a foreign key that does not compare `%s`: `%s`', r.col, c.conname),
               format('ALTER TABLE %s DROP CONSTRAINT %I, ADD %s', r.name, c.conname,
                      -- both lists of columns; the referenced one is a key once `table_keys` is content
                      regexp_replace(pg_get_constraintdef(c.oid), '\(([^)]*)\)', format('(%s, \1)', r.col), 'g'))
        FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'f' AND c.conparentid = 0
        JOIN pg_attribute t ON t.attrelid = c.confrelid AND t.attname = (SELECT col FROM arg) AND NOT t.attisdropped
        WHERE r.tenant IS NOT NULL AND NOT r.global AND NOT EXISTS (
            SELECT FROM unnest(c.conkey, c.confkey) AS pair (here, there)
            WHERE pair.here = r.tenant AND pair.there = t.attnum)"#,
    faults: &[Fault {
        sql: "CREATE TABLE parts (tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant(), note uuid, PRIMARY KEY (tenant_id, note)); ALTER TABLE notes ADD CONSTRAINT by_id UNIQUE (id); ALTER TABLE parts ADD CONSTRAINT parts_note FOREIGN KEY (note) REFERENCES notes (id); CREATE INDEX ON parts (note); {fence:parts}",
        says: "parts_note",
        also: &["table_keys"],
    }],
};
