//! What a policy calls means the same for every caller.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_search_path",
    level: Level::NOTE,
    title: "a policy function with unqualified names",
    why: "Its names are looked up on the caller's search path. Qualify them (a SET clause would keep the planner from inlining it), or write it with a standard body, which is bound when it is made.",
    reference: "https://www.postgresql.org/docs/current/sql-createfunction.html; splinter 0011",
    sql: r#"SELECT DISTINCT name, 'is called by a policy and looks names up on the caller''s search path', format('ALTER ROUTINE %s SET search_path = pg_catalog, pg_temp', name)
        FROM policy_function f JOIN pg_language l ON l.oid = f.prolang
        WHERE l.lanname IN ('sql', 'plpgsql') AND NOT prosecdef AND prosqlbody IS NULL
          AND NOT EXISTS (SELECT FROM unnest(proconfig) item WHERE item LIKE 'search\_path=%')
          AND (prosrc ~* '(^|[^.a-z0-9_"])(?!(coalesce|nullif|select|in|any|all|exists|values|and|or|not|cast|row|array|if|then|when|return|begin|from|where|on)\y)[a-z_][a-z0-9_]*\s*\('
               OR prosrc ~* '\y(from|join)\s+[a-z_][a-z0-9_]*(\s|;|$)')"#,
    faults: &[Fault {
        sql: "CREATE FUNCTION is_open() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT length(''x'') = 1'; ALTER POLICY tenant_rows ON notes USING (tenant_id = (SELECT tenancy.current_tenant()) AND is_open())",
        says: "is_open()",
        also: &[],
    }],
};
