//! A rewrite rule runs with the rights of its relation's owner, on a view that reads as its reader too.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_rules",
    level: Level::ERROR,
    title: "a rewrite rule that runs as a powerful owner",
    why: "A rule's statements are checked and filtered as the owner of the relation, not as who uses it.",
    reference: "https://www.postgresql.org/docs/current/rules-privileges.html",
    sql: "SELECT r.name, format('has a rewrite rule that reaches past row-level security: `%s`', w.rulename), format('DROP RULE %I ON %s', w.rulename, r.name)
        FROM relation r JOIN pg_roles owner ON owner.oid = r.relowner JOIN pg_rewrite w ON w.ev_class = r.oid
        WHERE w.rulename <> '_RETURN' AND (owner.rolsuper OR owner.rolbypassrls)",
    faults: &[
        Fault { sql: "CREATE VIEW open WITH (security_invoker = true) AS SELECT * FROM notes; CREATE RULE away AS ON DELETE TO open DO INSTEAD DELETE FROM notes; GRANT SELECT, DELETE ON open TO {role}", says: "DROP RULE away ON public.open", also: &[] },
    ],
};
