//! A foreign table's rows come from where no policy of this database holds.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "foreign_table",
    level: Level::ERROR,
    title: "a foreign table",
    why: "Row-level security can't be put on it, and the other server sees one login for all tenants.",
    reference: "https://www.postgresql.org/docs/current/ddl-foreign-data.html; splinter 0017",
    sql: "SELECT name, 'is a foreign table, which no policy can fence', format('REVOKE ALL ON %s FROM PUBLIC, %s', name, rolname)
        FROM relation WHERE relkind = 'f'",
    faults: &[
        Fault { sql: "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE far (tenant_id uuid NOT NULL) SERVER s; GRANT SELECT ON far TO {role}", says: "public.far", also: &[] },
    ],
};
