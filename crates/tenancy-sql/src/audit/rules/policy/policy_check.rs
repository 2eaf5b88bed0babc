//! What may be read is not what may be written: WITH CHECK says the second.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_check",
    level: Level::ERROR,
    title: "a policy that fences reads and not writes",
    why: "Its WITH CHECK lets through rows of other tenants: an INSERT or UPDATE plants a row with somebody else's tenant.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html",
    sql: "SELECT p.name, format('has a policy that lets rows of other tenants be written: `%s`', p.polname),
               format('ALTER POLICY %I ON %s WITH CHECK (%s = %s)', p.polname, p.name, p.col, p.tenant_value)
        FROM policy p
        WHERE p.polpermissive AND p.side = 'CHECK' AND p.polcmd IN ('*', 'w') AND NOT p.fences
          AND EXISTS (SELECT FROM policy u WHERE u.oid = p.oid AND u.side = 'USING' AND u.fences)
        GROUP BY p.name, p.col, p.polname, p.tenant_value",
    faults: &[Fault {
        sql: "ALTER POLICY tenant_rows ON notes WITH CHECK (true)",
        says: "WITH CHECK (tenant_id",
        also: &[],
    }],
};
