//! What runs as another looks names up where it is told, not where its caller says.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "definer_search_path",
    level: Level::ERROR,
    title: "a SECURITY DEFINER function whose search path is its caller's",
    why: "The caller puts an object of the same name in front, and the function uses it with its owner's rights.",
    reference: "CVE-2018-1058; https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY; splinter 0011",
    sql: r#"SELECT name, 'runs with its owner''s rights on its caller''s search path', format('ALTER ROUTINE %s SET search_path = pg_catalog, pg_temp', name)
        FROM routine
        WHERE prosecdef AND prosqlbody IS NULL AND NOT EXISTS (SELECT FROM unnest(proconfig) item WHERE item LIKE 'search\_path=%')"#,
    faults: &[Fault {
        sql: "CREATE FUNCTION inner_work() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; REVOKE ALL ON FUNCTION inner_work() FROM PUBLIC",
        says: "inner_work()",
        also: &[],
    }],
};
