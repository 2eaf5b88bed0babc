//! The tenant's rows, and the wall: permissive policies are OR-ed, so that only a restrictive one holds against a careless
//! permissive one beside it.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "table_policies",
    sql: concat!(
        reachable!(),
        ", policy AS (
            SELECT p.polrelid, p.polname, p.polpermissive,
                   p.polcmd = '*' AND p.polroles = '{0}'
                   AND pg_get_expr(p.polqual, p.polrelid) = e.expected
                   AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), e.expected) = e.expected AS fences
            FROM pg_policy p
            CROSS JOIN (VALUES ('(tenant_id = ( SELECT tenancy.current_tenant() AS current_tenant))')) e (expected)
        ), wanted (name, kind, permissive) AS (VALUES ('tenant_rows', 'PERMISSIVE', true), ('tenant_wall', 'RESTRICTIVE', false))
        SELECT r.name, format('has no %s policy for all rows, roles and commands that compares `tenant_id` with `tenancy.current_tenant()`', lower(w.kind)),
               format('DROP POLICY IF EXISTS %1$s ON %2$s; CREATE POLICY %1$s ON %2$s AS %3$s FOR ALL TO PUBLIC USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()))',
                      w.name, r.name, w.kind)
        FROM reachable r CROSS JOIN wanted w
        WHERE r.relkind IN ('r', 'p') AND r.relrowsecurity AND r.tenant IS NOT NULL
          AND NOT EXISTS (SELECT FROM policy p WHERE p.polrelid = r.oid AND p.polpermissive = w.permissive AND p.fences)
        UNION ALL
        SELECT r.name, format('has a second permissive policy, `%s`, that lets through more than the tenant''s rows', p.polname),
               format('DROP POLICY %I ON %s', p.polname, r.name)
        FROM reachable r JOIN policy p ON p.polrelid = r.oid
        WHERE p.polpermissive AND NOT p.fences
        ORDER BY 1, 2"
    ),
};
