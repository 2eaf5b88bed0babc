//! A trigger calls its function without EXECUTE, with the function's owner's rights.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "definer_triggers",
    level: Level::ERROR,
    title: "a trigger that reads past row-level security",
    why: "It runs in the transaction of one tenant and sees the rows of all; what it copies into the row is read by that tenant.",
    reference: "https://www.postgresql.org/docs/current/sql-createtrigger.html",
    sql: "SELECT DISTINCT p.name, format('is a trigger of %s that reads past row-level security', r.name), format('ALTER ROUTINE %s SECURITY INVOKER', p.name)
        FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid JOIN routine p ON p.oid = t.tgfoid JOIN pg_roles owner ON owner.oid = p.proowner
        WHERE p.prosecdef AND (owner.rolsuper OR owner.rolbypassrls)",
    faults: &[
        Fault { sql: "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER spy BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION spy()", says: "spy()", also: &[] },
    ],
};
