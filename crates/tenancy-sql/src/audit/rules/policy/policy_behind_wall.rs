//! A condition of its own is fine as long as the wall stands.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_behind_wall",
    level: Level::WARNING.error_in_ours(),
    title: "a policy that only a restrictive one holds to the tenant",
    why: "Its condition does not compare the tenant; the restrictive policy beside it does. One fence instead of two: add the comparison to it.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html",
    sql: "SELECT p.name, format('has a permissive policy that does not compare `%s` itself: `%s`', p.col, p.polname), format('DROP POLICY %I ON %s', p.polname, p.name)
        FROM policy p JOIN wall w ON w.relation = p.relation AND w.command = p.command AND w.side = p.side
        WHERE p.polpermissive AND NOT p.fences AND NOT p.open AND (p.side = 'USING' OR p.polcmd = 'a')
        GROUP BY p.name, p.col, p.polname",
    faults: &[
        Fault { sql: "CREATE POLICY mine ON notes FOR SELECT USING (body = 'mine')", says: "mine", also: &[] },
    ],
};
