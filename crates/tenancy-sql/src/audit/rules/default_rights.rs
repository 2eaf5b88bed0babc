//! A right that a table has as soon as it is made is there before its fence is, and this check has been long ago.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "default_rights",
    sql: "SELECT format('%I', d.owner), format('gives `%s` rights on each new table%s, fenced or not', current_user, ' in ' || d.schema),
               format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON TABLES FROM PUBLIC, %I',
                      d.owner, ' IN SCHEMA ' || d.schema, current_user)
        FROM (SELECT DISTINCT pg_get_userbyid(a.defaclrole) AS owner, quote_ident(n.nspname) AS schema
              FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
              CROSS JOIN LATERAL aclexplode(a.defaclacl) item
              WHERE a.defaclobjtype = 'r'
                AND CASE WHEN item.grantee = 0 THEN true ELSE pg_has_role(current_user, item.grantee, 'MEMBER') END) d
        WHERE NOT (SELECT me.rolsuper FROM pg_roles me WHERE me.rolname = current_user)
        ORDER BY 1",
};
