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
        WHERE NOT t.global AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisvalid AND i.indkey[0] = t.tenant AND i.indpred IS NULL)",
    faults: &[
        Fault { sql: "ALTER TABLE notes DROP CONSTRAINT notes_pkey, ADD PRIMARY KEY (id, tenant_id)", says: "begins with", also: &[] },
    ],
};
