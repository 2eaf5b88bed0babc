//! An unqualified name means what the search path says, and the path is the role's.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "role_search_path",
    level: Level::WARNING,
    title: "the role searches a schema that others fill",
    why: "A schema in which everybody or the role itself may create, or one with the role's own name (`\"$user\"`), is searched for every unqualified table, function and operator.",
    reference: "CVE-2018-1058; https://www.postgresql.org/docs/current/ddl-schemas.html",
    sql: r#"SELECT arg.rolname, format('searches `%s`, in which %s create', n.nspname, CASE WHEN n.own THEN 'it may' ELSE 'everybody may' END),
               format('ALTER ROLE %s IN DATABASE %I SET search_path = %s', arg.rolname, current_database(),
                      coalesce((SELECT string_agg(quote_ident(k.name), ', ' ORDER BY k.at) FROM unnest(path.names) WITH ORDINALITY k (name, at)
                                WHERE k.name NOT IN (n.nspname, '$user')), ''''''))
        FROM arg
        CROSS JOIN LATERAL (
            SELECT string_to_array(regexp_replace(coalesce((
                SELECT substr(item, 13) FROM pg_db_role_setting d, unnest(d.setconfig) item
                WHERE d.setrole IN (0, arg.role) AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                  AND item LIKE 'search\_path=%'
                ORDER BY d.setrole = 0, d.setdatabase = 0 LIMIT 1), '"$user", public'), '["\s]', '', 'g'), ',')
        ) path (names)
        JOIN LATERAL (
            SELECT n.nspname, has_schema_privilege(arg.role, n.oid, 'CREATE') AS own
            FROM pg_namespace n
            WHERE n.nspname = ANY (array_replace(path.names, '$user', (SELECT r.rolname::text FROM pg_roles r WHERE r.oid = arg.role)))
              AND n.nspname <> 'pg_catalog'
              AND (has_schema_privilege(arg.role, n.oid, 'CREATE')
                   OR EXISTS (SELECT FROM aclexplode(n.nspacl) acl WHERE acl.grantee = 0 AND acl.privilege_type = 'CREATE'))
        ) n ON true
        -- that the role itself may create there, another rule says
        WHERE NOT arg.rolsuper AND NOT has_schema_privilege(arg.role, n.nspname, 'CREATE')
        UNION ALL
        SELECT arg.rolname, 'searches `pg_temp` by name', format('ALTER ROLE %s IN DATABASE %I RESET search_path', arg.rolname, current_database())
        FROM arg, pg_db_role_setting d, unnest(d.setconfig) item
        WHERE d.setrole IN (0, arg.role) AND d.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND item LIKE 'search\_path=%pg\_temp,%'"#,
    faults: &[Fault {
        sql: "ALTER ROLE {role} IN DATABASE {database} SET search_path = pg_temp, public",
        says: "pg_temp",
        also: &[],
    }],
};
