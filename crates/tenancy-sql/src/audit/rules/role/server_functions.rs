//! Functions that read files, or write them, know no policy.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "server_functions",
    level: Level::ERROR,
    title: "the role may call functions that leave the database",
    why: "pg_read_file, lo_import, pg_ls_dir and their like read the server's files, the tables of all tenants among them.",
    reference: "https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-GENFILE",
    sql: "SELECT p.oid::regprocedure::text, format('lets `%s` reach the server''s files or settings', arg.rolname),
               format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %s', p.oid::regprocedure, arg.rolname)
        FROM arg, pg_proc p
        WHERE NOT arg.rolsuper AND p.pronamespace = 'pg_catalog'::regnamespace
          AND p.proname IN ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file', 'lo_import', 'lo_export', 'pg_reload_conf',
                            'pg_ls_logdir', 'pg_ls_waldir', 'pg_ls_tmpdir')
          AND has_function_privilege(arg.role, p.oid, 'EXECUTE')
          AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname ~ '^pg_' AND pg_has_role(arg.role, r.oid, 'USAGE') AND has_function_privilege(r.oid, p.oid, 'EXECUTE'))",
    faults: &[
        Fault { sql: "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO {role}", says: "pg_read_file(text)", also: &[] },
    ],
};
