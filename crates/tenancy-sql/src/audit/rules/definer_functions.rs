//! A function that runs with its owner's rights reads what the owner reads.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "definer_functions",
    sql: "SELECT p.oid::regprocedure::text, 'runs with its owner''s rights',
               format('ALTER ROUTINE %s SECURITY INVOKER', p.oid::regprocedure)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')
        ORDER BY 1",
};
