//! The column that says whose row it is: never NULL, and filled by the database.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "tenant_column",
    sql: concat!(
        reachable!(),
        "SELECT r.name, 'has no column `tenant_id`, so its rows are nobody''s and everybody''s',
               format('REVOKE ALL ON %s FROM PUBLIC, %I', r.name, current_user)
        FROM reachable r WHERE r.relkind IN ('r', 'p') AND r.tenant IS NULL
        UNION ALL
        SELECT r.name, 'has a `tenant_id` that is not `uuid NOT NULL DEFAULT tenancy.current_tenant()`',
               format('ALTER TABLE %s %sALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN tenant_id SET DEFAULT tenancy.current_tenant()', r.name,
                      CASE WHEN a.atttypid = 'uuid'::regtype THEN '' ELSE 'ALTER COLUMN tenant_id TYPE uuid USING tenant_id::uuid, ' END)
        FROM reachable r
        JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = r.tenant
        LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
        WHERE r.relkind IN ('r', 'p')
          AND NOT (a.atttypid = 'uuid'::regtype AND a.attnotnull
                   AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') = 'tenancy.current_tenant()')
        ORDER BY 1"
    ),
};
