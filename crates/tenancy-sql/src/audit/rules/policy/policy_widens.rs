//! A policy that compares the tenant with nothing lets through whatever it likes.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_widens",
    level: Level::ERROR,
    title: "a policy that trusts something else than the tenant's setting",
    why: "Its condition does not hold the row to the tenant of the session, and no restrictive policy does: a role name, a column, a join, or an OR decides. Claims that users can edit (user metadata) are no tenant.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html; splinter 0015",
    sql: "SELECT p.name, format('has a permissive policy that lets through more than the tenant''s rows: `%s`', p.polname), format('DROP POLICY %I ON %s', p.polname, p.name)
        FROM policy p
        WHERE p.polpermissive AND NOT p.fences AND NOT p.open AND (p.side = 'USING' OR p.polcmd = 'a')
          AND NOT EXISTS (SELECT FROM wall w WHERE w.relation = p.relation AND w.command = p.command AND w.side = p.side)
        GROUP BY p.name, p.polname",
    faults: &[
        Fault { sql: "DROP POLICY tenant_wall ON notes; CREATE POLICY mine ON notes FOR SELECT USING (body = current_user)", says: "mine", also: &["policy_wall"] },
        Fault { sql: "DROP POLICY tenant_wall ON notes; CREATE POLICY mine ON notes FOR SELECT USING (body = 'x' OR tenant_id = (SELECT tenancy.current_tenant()))", says: "mine", also: &["policy_wall"] },
    ],
};
