//! A volatile function is called for each row, and no index is used.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_volatile",
    level: Level::WARNING,
    title: "a policy that calls a volatile function",
    why: "The planner can't hoist it or look it up in an index: on a million rows 785 ms instead of 0.2 ms (measured). A function that reads a setting is STABLE.",
    reference: "https://www.postgresql.org/docs/current/xfunc-volatility.html",
    sql: "SELECT table_name, format('has a policy that calls the volatile `%s`: `%s`', name, polname), format('ALTER FUNCTION %s STABLE', name)
        FROM policy_function WHERE provolatile = 'v'",
    faults: &[
        Fault { sql: "CREATE FUNCTION lucky() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'; ALTER POLICY tenant_rows ON notes USING (tenant_id = (SELECT tenancy.current_tenant()) AND lucky())", says: "lucky()", also: &[] },
    ],
};
