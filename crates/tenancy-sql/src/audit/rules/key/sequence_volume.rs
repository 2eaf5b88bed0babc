//! Numbers that are counted over all tenants tell how much all tenants write.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "sequence_volume",
    level: Level::NOTE,
    title: "a key that counts over all tenants",
    why: "Two of one's own rows, and the difference of their numbers, are a measure of everybody's business. Version 7 UUIDs order as well and tell nothing.",
    reference: "https://www.postgresql.org/docs/current/ddl-identity-columns.html",
    sql: r#"SELECT t.name || '.' || quote_ident(a.attname), 'is counted over all tenants', format('ALTER TABLE %s ALTER COLUMN %I %s', t.name, a.attname,
               CASE WHEN a.attidentity <> '' THEN 'DROP IDENTITY' ELSE 'DROP DEFAULT' END)
        FROM tenant_table t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE NOT t.relispartition AND NOT t.global AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~ '^nextval\(')"#,
    faults: &[Fault {
        sql: "ALTER TABLE notes ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY",
        says: "number",
        also: &[],
    }],
};
