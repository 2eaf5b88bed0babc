//! A finished SET LOCAL leaves '', which is not NULL.

use crate::audit::rule::{Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_strict",
    level: Level::ERROR,
    title: "a text column whose empty tenant is a tenant",
    why: "After the first transaction the setting is '' and not unset. A text column compares equal to it: sessions without a tenant read and write rows of the tenant ''. A uuid or a number fails instead.",
    reference: "https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SET",
    sql: r#"SELECT DISTINCT f.name, format('has a text `%s` that can be empty, and a policy that takes an unset tenant for the empty one: `%s`', f.col, p.polname),
               format('ALTER TABLE %s ADD CHECK (%s <> '''')', f.name, f.col)
        FROM fenced_table f JOIN policy p ON p.relation = f.oid CROSS JOIN value v
        JOIN pg_type t ON t.oid = f.tenant_type AND t.typcategory = 'S'
        WHERE p.polpermissive AND p.fences AND p.text !~ 'NULLIF'
          AND NOT EXISTS (SELECT FROM helper h WHERE strpos(p.text, h.name) > 0 AND (h.body ~* 'nullif' OR h.body ~* '::\s*(pg_catalog\.)?(uuid|int|bigint)'))
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = f.oid AND c.contype = 'c' AND f.tenant = ANY (c.conkey)
                          AND pg_get_expr(c.conbin, c.conrelid) ~ ($q$<> ''::|~|length$q$))"#,
    faults: &[],
};
