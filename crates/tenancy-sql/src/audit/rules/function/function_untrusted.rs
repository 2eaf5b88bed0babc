//! A function in an untrusted language can do what the server can.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "function_untrusted",
    level: Level::ERROR,
    title: "a function in an untrusted language",
    why: "plpython3u, plperlu, C and their like run in the server without limits: files, sockets, and the memory of every session.",
    reference: "https://www.postgresql.org/docs/current/plperl-trusted.html",
    sql: "SELECT r.name, format('is written in `%s`, which is not trusted', l.lanname), format('REVOKE ALL ON ROUTINE %s FROM PUBLIC, %s', r.name, r.rolname)
        FROM routine r JOIN pg_language l ON l.oid = r.prolang
        WHERE r.callable AND NOT l.lanpltrusted AND l.lanname NOT IN ('internal', 'c') AND NOT (SELECT rolsuper FROM arg)",
    faults: &[
        Fault { sql: "CREATE LANGUAGE wild HANDLER plpgsql_call_handler; CREATE FUNCTION run() RETURNS int LANGUAGE wild AS 'BEGIN RETURN 1; END'", says: "run()", also: &[] },
    ],
};
