//! Large objects know roles and no tenants.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "large_objects",
    level: Level::ERROR,
    title: "large objects that the role can reach",
    why: "Their rights are the role's, no policy can be put on them, and their numbers can be guessed.",
    reference: "https://www.postgresql.org/docs/current/lo-implementation.html",
    sql: "SELECT format('large object %s', l.oid), format('can be reached by `%s`', arg.rolname),
               CASE WHEN l.lomowner = arg.role THEN format('SELECT lo_unlink(%s)', l.oid) ELSE format('REVOKE ALL ON LARGE OBJECT %s FROM PUBLIC, %s', l.oid, arg.rolname) END
        FROM arg, pg_largeobject_metadata l
        WHERE NOT arg.rolsuper AND (l.lomowner = arg.role OR EXISTS (
            SELECT FROM aclexplode(l.lomacl) acl WHERE acl.grantee = 0 OR pg_has_role(arg.role, acl.grantee, 'USAGE')))",
    faults: &[
        Fault { sql: "SELECT lo_create(4242); GRANT SELECT ON LARGE OBJECT 4242 TO {role}", says: "large object 4242", also: &[] },
    ],
};
