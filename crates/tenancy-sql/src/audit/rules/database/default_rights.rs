//! A right that a table has as soon as it is made is there before its fence is.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "default_rights",
    level: Level::WARNING.error_in_ours(),
    title: "rights on tables that are not there yet",
    why: "Each new table is reachable before its row-level security is on, and the last audit has not seen it.",
    reference: "https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html",
    sql: "SELECT format('%I', d.owner), format('gives `%s` rights on each new table%s, fenced or not', d.rolname, ' in ' || d.schema),
               format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON TABLES FROM PUBLIC, %s', d.owner, ' IN SCHEMA ' || d.schema, d.rolname)
        FROM (SELECT DISTINCT pg_get_userbyid(a.defaclrole) AS owner, quote_ident(n.nspname) AS schema, arg.rolname
              FROM arg, pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
              CROSS JOIN LATERAL aclexplode(a.defaclacl) item
              WHERE a.defaclobjtype = 'r' AND NOT arg.rolsuper AND a.defaclrole <> arg.role
                AND CASE WHEN item.grantee = 0 THEN true ELSE pg_has_role(arg.role, item.grantee, 'MEMBER') END) d",
    faults: &[
        Fault { sql: "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT ON TABLES TO {role}", says: "REVOKE ALL ON TABLES", also: &[] },
        Fault { sql: "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO PUBLIC", says: "REVOKE ALL ON TABLES", also: &[] },
    ],
};
