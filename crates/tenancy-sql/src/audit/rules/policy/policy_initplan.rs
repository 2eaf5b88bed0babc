//! A value that is the same for each row is computed once, when it stands in a sub-select.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_initplan",
    level: Level::WARNING,
    title: "a policy that computes the setting for each row",
    why: "On a million rows 384 ms instead of 94 ms (measured): write `(SELECT current_setting(...))`, so that it becomes an initplan.",
    reference: "splinter 0003",
    sql: "SELECT DISTINCT p.name, format('has a policy that computes the setting for each row: `%s`', p.polname),
               format('ALTER POLICY %I ON %s%s%s', p.polname, p.name,
                      ' USING (' || (SELECT replace(pg_get_expr(x.polqual, x.polrelid), call.text, '(SELECT ' || call.text || ')') FROM pg_policy x WHERE x.oid = p.oid) || ')',
                      ' WITH CHECK (' || (SELECT replace(pg_get_expr(x.polwithcheck, x.polrelid), call.text, '(SELECT ' || call.text || ')') FROM pg_policy x WHERE x.oid = p.oid) || ')')
        FROM policy p CROSS JOIN value v
        CROSS JOIN LATERAL (SELECT substring(regexp_replace(p.text, v.hoisted, '', 'g') FROM '(' || v.core || ')')) call (text)
        WHERE call.text IS NOT NULL",
    faults: &[
        Fault { sql: "ALTER POLICY tenant_rows ON notes USING (tenant_id = tenancy.current_tenant())", says: "(SELECT tenancy.current_tenant())", also: &[] },
    ],
};
