//! Who owns a trigger's function says what is done with each row that is written.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "trigger_owner",
    level: Level::WARNING.error_in_ours(),
    title: "a trigger whose function somebody else may change",
    why: "A trigger's function sees each row that is written, whoever's it is, with the rights of who writes it. Its owner can replace it at any time, without a right on the table: by one that copies rows to where others read them.",
    reference: "https://www.postgresql.org/docs/current/sql-createfunction.html",
    sql: "SELECT DISTINCT p.name, format('is a trigger of %s and belongs to %I, which does not own the table', r.name, owner.rolname),
               format('ALTER ROUTINE %s OWNER TO %I', p.name, pg_get_userbyid(r.relowner))
        FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal JOIN routine p ON p.oid = t.tgfoid
        JOIN pg_roles owner ON owner.oid = p.proowner
        WHERE p.proowner <> r.relowner AND NOT owner.rolsuper AND NOT pg_has_role(p.proowner, r.relowner, 'MEMBER')",
    faults: &[
        Fault { sql: "CREATE ROLE others_of_{database}; CREATE FUNCTION copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; ALTER FUNCTION copies() OWNER TO others_of_{database}; CREATE TRIGGER copies BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION copies()", says: "copies()", also: &[] },
    ],
};
