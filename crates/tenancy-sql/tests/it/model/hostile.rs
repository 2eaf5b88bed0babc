//! What an attacker sends: statements that are refused before they are sent, and those that run inside of a function.

use super::dice::Dice;

/// Refused before they are sent: in any handle, by either protocol.
pub(super) const REFUSED: &[&str] = &[
    "SELECT set_config('app.current_tenant', $1, false)",
    "SELECT pg_catalog.\"set_config\"('app.' || 'current_tenant', $1, false)",
    "/* SELECT */ SET app.current_tenant = ''",
    "-- SELECT\nRESET ALL",
    "SELECT current_setting('app.current_tenant')",
    "SELECT U&\"set\\005fconfig\"('app.note', 'x', false)",
    "UPDATE pg_settings SET setting = 'off' WHERE name = 'row_security'",
    "RESET app.current_tenant",
    "DISCARD ALL",
    "DEALLOCATE ALL",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "SET row_security = off",
    "SET search_path = pg_temp",
    "COPY notes TO STDOUT",
    "COPY (SELECT * FROM notes) TO PROGRAM 'true'",
    "LISTEN gossip",
    "NOTIFY gossip",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "COMMIT AND CHAIN",
    "SAVEPOINT s",
    "PREPARE p AS SELECT 1",
    "EXECUTE sqlx_s_1",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "FETCH ALL FROM c",
    "CREATE TEMPORARY TABLE notes (id uuid)",
    "DO $$ BEGIN PERFORM 1; END $$",
    "CALL p()",
    "EXPLAIN ANALYZE SELECT 1",
    "LOCK TABLE notes",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_terminate_backend(pg_backend_pid())",
    "SELECT query FROM pg_stat_activity",
    "SELECT lo_from_bytea(0, 'x')",
];

/// They run, or the server refuses them, inside of a function: `{tenant}` is the attacker's id, `{other}` another one's,
/// `{number}` the attacker's number. What they leave says whose it is.
const SMUGGLED: &[&str] = &[
    "SELECT set_config('app.note', '{tenant}', false)",
    "SET SESSION app.note = '{tenant}'",
    "SELECT pg_try_advisory_lock({number})",
    "LISTEN l{number}",
    "DECLARE c{number} CURSOR WITH HOLD FOR SELECT body FROM notes",
    "PREPARE p{number} AS SELECT 1",
    "SET statement_timeout = '{number}001ms'",
    "SET search_path = public, t{number}",
    "CREATE TEMPORARY TABLE notes (tenant_id uuid, id uuid, body text)",
    "CREATE FUNCTION public.f{number}() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "COPY notes TO PROGRAM 'true'",
    "ALTER TABLE notes DISABLE ROW LEVEL SECURITY",
    "TRUNCATE notes",
    "COMMIT",
    "ROLLBACK",
    "SELECT pg_terminate_backend(pg_backend_pid())",
];

/// Unsealed, these would make the session another tenant's.
const FORGED: &[&str] = &[
    "SELECT set_config('app.current_tenant', '{other}', false)",
    "SELECT set_config('app.current_tenant', '{other}', true)",
    "SET app.current_tenant = '{other}'",
    "RESET ALL",
    "DISCARD TEMP",
    "SET row_security = off",
];

/// One of them. In a sealed database it may be one that forges the tenant.
pub(super) fn smuggled(dice: &mut Dice, sealed: bool) -> &'static str {
    match sealed && dice.one_in(3) {
        true => dice.pick(FORGED),
        false => dice.pick(SMUGGLED),
    }
}

/// What a session holds that nobody but its tenant may have left: in one row, each `''` when there is nothing.
pub(super) const RESIDUE: &str = "SELECT coalesce(current_setting('app.note', true), ''), \
    (SELECT coalesce(string_agg('l' || objid, ','), '') FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), \
    (SELECT coalesce(string_agg(c, ','), '') FROM pg_listening_channels() c), \
    (SELECT coalesce(string_agg(name, ','), '') FROM pg_cursors WHERE is_holdable), \
    (SELECT coalesce(string_agg(name, ','), '') FROM pg_prepared_statements WHERE name LIKE 'p%'), \
    current_setting('statement_timeout'), replace(current_setting('search_path'), ' ', ''), \
    CASE WHEN current_user = session_user THEN '' ELSE current_user::text END";

/// What each column of it may hold: the server's own, or what the tenant itself left.
pub(super) fn may_be_left(tenant: &str, number: usize) -> [[String; 2]; 8] {
    let or = |own: String| [String::new(), own];
    [
        or(tenant.to_owned()),
        or(format!("l{number}")),
        or(format!("l{number}")),
        or(format!("c{number}")),
        or(format!("p{number}")),
        ["1s".to_owned(), format!("{number}001ms")],
        ["public,pg_temp".to_owned(), format!("public,t{number}")],
        or(String::new()),
    ]
}
