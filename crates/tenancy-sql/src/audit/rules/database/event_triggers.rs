//! What runs at each statement of a kind, or at each login, runs in tenants' sessions too.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "event_triggers",
    level: Level::NOTE,
    title: "an event trigger",
    why: "One on login (since PostgreSQL 17) can set the tenant before the service does; one on DDL runs in each migration.",
    reference: "https://www.postgresql.org/docs/current/event-triggers.html",
    sql: "SELECT e.evtname::text, format('runs `%s` on %s', e.evtfoid::regprocedure, e.evtevent), format('ALTER EVENT TRIGGER %I DISABLE', e.evtname)
        FROM pg_event_trigger e
        WHERE e.evtenabled <> 'D' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e')",
    faults: &[
        Fault { sql: "CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER told ON ddl_command_end EXECUTE FUNCTION told()", says: "told", also: &[] },
    ],
};
