//! A function that runs with its owner's rights reads what the owner reads. A view calls one without USAGE on its schema,
//! and a trigger calls one without EXECUTE; the latter is sound where its owner is fenced too.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "definer_functions",
    sql: concat!(
        reachable!(),
        "SELECT p.oid::regprocedure::text, 'runs with its owner''s rights',
               format('ALTER ROUTINE %s SECURITY INVOKER', p.oid::regprocedure)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND has_function_privilege(p.oid, 'EXECUTE')
          -- the seal's own, as they are installed
          AND NOT (n.nspname = 'tenancy' AND p.prosrc IN ($seal$",
        include_str!("../../seal/sql/current_tenant.sql"),
        "$seal$, $seal$",
        include_str!("../../seal/sql/hello.sql"),
        "$seal$, $seal$",
        include_str!("../../seal/sql/open.sql"),
        "$seal$))
        UNION
        SELECT p.oid::regprocedure::text, format('is a trigger of %s that reads past row-level security', r.name),
               format('ALTER ROUTINE %s SECURITY INVOKER', p.oid::regprocedure)
        FROM reachable r JOIN pg_trigger t ON t.tgrelid = r.oid JOIN pg_proc p ON p.oid = t.tgfoid
        JOIN pg_roles owner ON owner.oid = p.proowner
        WHERE p.prosecdef AND (owner.rolsuper OR owner.rolbypassrls)
        ORDER BY 1"
    ),
};
