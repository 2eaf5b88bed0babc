//! Who may use a foreign server can make ways into it.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "foreign_server",
    level: Level::ERROR,
    title: "a foreign server that the role may use",
    why: "USAGE lets the role make its own user mapping, and a mapping lends it another login.",
    reference: "https://www.postgresql.org/docs/current/ddl-foreign-data.html",
    sql: "SELECT s.srvname::text, format('lets `%s` use it', arg.rolname), format('REVOKE ALL ON FOREIGN SERVER %I FROM PUBLIC, %s', s.srvname, arg.rolname)
        FROM arg, pg_foreign_server s WHERE NOT arg.rolsuper AND has_server_privilege(arg.role, s.oid, 'USAGE')
        UNION ALL
        SELECT w.fdwname::text, format('lets `%s` make servers of it', arg.rolname), format('REVOKE ALL ON FOREIGN DATA WRAPPER %I FROM PUBLIC, %s', w.fdwname, arg.rolname)
        FROM arg, pg_foreign_data_wrapper w WHERE NOT arg.rolsuper AND has_foreign_data_wrapper_privilege(arg.role, w.oid, 'USAGE')",
    faults: &[
        Fault { sql: "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w; GRANT USAGE ON FOREIGN SERVER far TO {role}", says: "far", also: &[] },
        Fault { sql: "CREATE FOREIGN DATA WRAPPER w; GRANT USAGE ON FOREIGN DATA WRAPPER w TO {role}", says: "WRAPPER w", also: &[] },
    ],
};
