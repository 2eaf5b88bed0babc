//! A rewrite rule runs with the rights of its relation's owner, on a view that reads as its reader too.

use super::super::rule::reachable;
use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "table_rules",
    sql: concat!(
        reachable!(),
        "SELECT r.name, format('has a rewrite rule that reaches past row-level security: `%s`', w.rulename),
               format('DROP RULE %I ON %s', w.rulename, r.name)
        FROM reachable r JOIN pg_class c ON c.oid = r.oid JOIN pg_roles owner ON owner.oid = c.relowner
        JOIN pg_rewrite w ON w.ev_class = r.oid
        WHERE w.rulename <> '_RETURN' AND (owner.rolsuper OR owner.rolbypassrls)
        ORDER BY 1, 2"
    ),
};
