//! A policy is a comparison: without an index it reads the rows of all tenants.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "index_tenant_first",
    level: Level::WARNING,
    title: "no index that begins with the tenant",
    why: "Every statement scans the rows of every tenant to find its own: slow, and the time tells how many others have.",
    reference: "https://www.postgresql.org/docs/current/indexes-multicolumn.html",
    sql: "SELECT t.name, format('has no index that begins with `%s`', t.col), format('CREATE INDEX ON %s (%s)', t.name, t.col)
        FROM tenant_table t
        WHERE NOT t.global AND NOT EXISTS (
            SELECT FROM pg_index i CROSS JOIN LATERAL array_position(i.indkey::int2[], t.tenant) place
            WHERE i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL
              -- what stands before the tenant is compared by a policy as well
              AND place IS NOT NULL AND NOT EXISTS (
                  SELECT FROM pg_attribute a
                  WHERE a.attrelid = t.oid AND a.attnum = ANY ((i.indkey::int2[])[0:place - 1])
                    AND NOT EXISTS (SELECT FROM policy p WHERE p.relation = t.oid AND p.fences AND strpos(p.text, '(' || quote_ident(a.attname) || ' = ') > 0)))",
    faults: &[
        Fault { sql: "ALTER TABLE notes DROP CONSTRAINT notes_pkey, ADD PRIMARY KEY (id, tenant_id)", says: "begins with", also: &[] },
    ],
};
