//! A function that is said to be IMMUTABLE is computed once, and its value kept in the plan.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_folded",
    level: Level::ERROR,
    title: "a policy that calls a function wrongly marked IMMUTABLE",
    why: "The value of the first tenant is folded into the prepared plan, and the next tenant on the connection reads with it.",
    reference: "https://www.postgresql.org/docs/current/xfunc-volatility.html",
    sql: r#"SELECT table_name, format('has a policy that calls `%s`, which is marked IMMUTABLE and can''t be: `%s`', name, polname), format('ALTER FUNCTION %s STABLE', name)
        FROM policy_function
        WHERE provolatile = 'i' AND (pronargs = 0 OR prosrc ~* 'current_setting|current_user|session_user|\yfrom\y')"#,
    faults: &[Fault {
        sql: "CREATE FUNCTION level() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(nullif(pg_catalog.current_setting('app.level', true), ''), '1')::int $$; ALTER POLICY tenant_rows ON notes USING (tenant_id = (SELECT tenancy.current_tenant()) AND level() > 0)",
        says: "level()",
        also: &[],
    }],
};
