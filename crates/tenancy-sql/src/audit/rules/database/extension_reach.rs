//! Some extensions open a second way in, as somebody else.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "extension_reach",
    level: Level::ERROR,
    title: "an extension that leads out of the session",
    why: "dblink and postgres_fdw open connections as another role, file_fdw and adminpack read files, pg_cron runs jobs later, as nobody's tenant.",
    reference: "https://www.postgresql.org/docs/current/dblink.html",
    sql: "SELECT e.extname::text, format('has functions that `%s` can call', arg.rolname), format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %s',
                   string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid), arg.rolname)
        FROM arg, pg_extension e
        JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
        JOIN pg_proc p ON p.oid = d.objid
        WHERE e.extname IN ('dblink', 'adminpack', 'pg_cron', 'pageinspect', 'pg_surgery', 'pg_walinspect', 'plsh', 'http', 'pg_net', 'lo', 'xml2')
          AND p.prorettype <> 'trigger'::regtype AND NOT arg.rolsuper AND has_function_privilege(arg.role, p.oid, 'EXECUTE')
        GROUP BY e.extname, arg.rolname",
    faults: &[
        Fault { sql: "CREATE EXTENSION dblink", says: "dblink", also: &[] },
    ],
};
