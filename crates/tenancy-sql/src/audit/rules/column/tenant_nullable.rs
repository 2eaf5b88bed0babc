//! A row without a tenant is nobody's, and no key holds for it.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "tenant_nullable",
    level: Level::ERROR,
    title: "a tenant column that can be NULL",
    why: "A NULL tenant equals nothing: no policy shows the row, unique keys don't see it, foreign keys of several columns are not checked (MATCH SIMPLE).",
    reference: "https://www.postgresql.org/docs/current/ddl-constraints.html",
    sql: "SELECT name, format('has a `%s` that can be NULL', col), format('ALTER TABLE %s ALTER COLUMN %s SET NOT NULL', name, col)
        FROM tenant_table WHERE NOT tenant_not_null AND NOT global",
    faults: &[
        Fault { sql: "CREATE TABLE loose (tenant_id uuid DEFAULT tenancy.current_tenant(), id uuid NOT NULL); {fence:loose}; CREATE INDEX ON loose (tenant_id)", says: "SET NOT NULL", also: &["table_keyless"] },
    ],
};
