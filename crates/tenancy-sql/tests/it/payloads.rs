//! What an attacker sends who can put SQL of his own into a statement.

/// SQL of the tenant alpha's, against the tenant beta's. `{beta}` is its id, `{proof}` the statement that sealed a session for
/// it, `{role}` the serving role, `{key}` the folder of the server.
pub(crate) struct Payload {
    pub(crate) name: &'static str,
    /// In the first request.
    pub(crate) first: &'static [&'static str],
    /// In another one of alpha's, after beta used the connection.
    pub(crate) then: &'static [&'static str],
    /// Whether it reads or changes another tenant's without the seal, with `Hygiene::Reset`.
    pub(crate) works_unsealed: bool,
    /// What it could do without the seal, strict hygiene, or the rights that the boot check demands.
    pub(crate) could: &'static str,
}

const fn payload(
    name: &'static str,
    first: &'static [&'static str],
    then: &'static [&'static str],
    works_unsealed: bool,
    could: &'static str,
) -> Payload {
    Payload {
        name,
        first,
        then,
        works_unsealed,
        could,
    }
}

const FORGE: &str = "SELECT set_config('app.current_tenant', '{beta}', false)";

pub(crate) const PAYLOADS: &[Payload] = &[
    payload(
        "set_config",
        &[FORGE],
        &[],
        true,
        "become the other tenant at once",
    ),
    payload(
        "set_config, local",
        &[
            "BEGIN",
            "SELECT set_config('app.current_tenant', '{beta}', true)",
            "SELECT body FROM notes",
            "COMMIT",
        ],
        &[],
        true,
        "become the other tenant for a transaction",
    ),
    payload(
        "set_config, in the statement that reads",
        &[
            "WITH t AS MATERIALIZED (SELECT set_config('app.current_tenant', '{beta}', false)) SELECT body FROM t, notes",
        ],
        &[FORGE],
        true,
        "become the other tenant within one statement",
    ),
    payload(
        "SET",
        &["SET app.current_tenant = '{beta}'"],
        &[],
        true,
        "become the other tenant for the session",
    ),
    payload(
        "the view of settings",
        &[
            "UPDATE pg_settings SET setting = '{beta}' WHERE name = 'app.current_tenant'",
            "UPDATE pg_settings SET setting = 'off' WHERE name = 'row_security'",
        ],
        &[],
        false,
        "become the other tenant without a function's name",
    ),
    payload(
        "RESET",
        &["RESET app.current_tenant", "RESET ALL"],
        &["RESET ALL"],
        false,
        "bring back a tenant that a session was opened with",
    ),
    payload(
        "the role's own defaults",
        &["ALTER ROLE CURRENT_USER SET app.current_tenant = '{beta}'"],
        &["RESET ALL"],
        false,
        "have every later session begin as the other tenant",
    ),
    payload(
        "SET ROLE",
        &["SET ROLE postgres", "SET ROLE {owner}", FORGE],
        &[],
        true,
        "own the tables, were it a member of the owner",
    ),
    payload(
        "SET SESSION AUTHORIZATION",
        &["SET SESSION AUTHORIZATION postgres", FORGE],
        &[],
        true,
        "bypass every policy, were it a superuser's session",
    ),
    payload(
        "row_security off",
        &["SET row_security = off", FORGE],
        &[],
        false,
        "see all rows, were it the owner",
    ),
    payload(
        "other sessions",
        &[
            "SELECT query FROM pg_stat_activity",
            "SELECT query FROM pg_stat_get_activity(NULL)",
        ],
        &["SELECT query FROM pg_stat_activity"],
        false,
        "read the other tenants' statements as they run, and a proof, which is used up by then",
    ),
    payload(
        "a used proof",
        &[
            "SELECT set_config('app.current_tenant', '{beta}', false)",
            "{proof}",
        ],
        &["{proof}", FORGE],
        true,
        "be sealed as the other tenant, were a proof good twice",
    ),
    payload(
        "a used proof, past a rollback",
        &["ROLLBACK", "BEGIN", "{proof}", "ROLLBACK", "{proof}", FORGE],
        &["ROLLBACK", "{proof}", FORGE],
        true,
        "be sealed as the other tenant, were a turn brought back",
    ),
    payload(
        "the seal destroyed, a used proof after it",
        &["DISCARD TEMP", "SELECT tenancy.seal_hello()", "{proof}", FORGE],
        &["DISCARD SEQUENCES", "{proof}", FORGE],
        true,
        "begin a session's turns anew, were they not random",
    ),
    payload(
        "the seal written",
        &[
            "SELECT setval('pg_temp.tenancy_seal_high', 1)",
            "ALTER SEQUENCE pg_temp.tenancy_seal_low RESTART",
            "DROP SEQUENCE pg_temp.tenancy_seal_next",
            FORGE,
        ],
        &[],
        true,
        "say itself whom the session is sealed for",
    ),
    payload(
        "the key read",
        &[
            "SELECT encode(inner_pad, 'hex') FROM tenancy.seal_key",
            "COPY tenancy.seal_key TO STDOUT",
            "SELECT query_to_xml('SELECT * FROM tenancy.seal_key', true, true, '')",
            "SELECT prosrc FROM pg_proc WHERE proname LIKE 'seal%'",
        ],
        &[FORGE],
        true,
        "make proofs",
    ),
    payload(
        "the key replaced",
        &[
            "INSERT INTO tenancy.seal_key VALUES ('x', '', '')",
            "UPDATE tenancy.seal_key SET id = 'x'",
            "TRUNCATE tenancy.seal_key",
            FORGE,
        ],
        &[],
        true,
        "make proofs with a key of its own",
    ),
    payload(
        "the function replaced",
        &[
            "CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid LANGUAGE sql AS $$ SELECT '{beta}'::uuid $$",
            "ALTER FUNCTION tenancy.current_tenant() OWNER TO {role}",
            "DROP FUNCTION tenancy.current_tenant() CASCADE",
        ],
        &[FORGE],
        true,
        "open every fence at once",
    ),
    payload(
        "a statement swapped",
        &[
            "DEALLOCATE sqlx_s_1",
            "PREPARE sqlx_s_1 AS SELECT 'forged'::text AS body",
            "DEALLOCATE sqlx_s_2",
            "PREPARE sqlx_s_2 AS SELECT 'forged'::text AS body",
            "DEALLOCATE sqlx_s_3",
            "PREPARE sqlx_s_3 AS SELECT 'forged'::text AS body",
        ],
        &[],
        true,
        "run a text of its own in the next tenant's request: no seal helps, strict hygiene does",
    ),
    payload(
        "a temporary table in a table's place",
        &[
            "CREATE TEMP TABLE notes (tenant_id uuid, id uuid, body text)",
            "SET search_path = pg_temp, public",
            "CREATE TABLE pg_temp.notes (body text)",
        ],
        &["SELECT body FROM pg_temp.notes"],
        false,
        "collect what the next tenant writes, had it TEMPORARY",
    ),
    payload(
        "a temporary sequence in the seal's place",
        &[
            "DISCARD TEMP",
            "CREATE TEMP SEQUENCE tenancy_seal_high MINVALUE -9223372036854775808",
            "CREATE TEMP SEQUENCE tenancy_seal_low MINVALUE -9223372036854775808",
            FORGE,
        ],
        &[FORGE],
        true,
        "say itself whom the session is sealed for, had it TEMPORARY",
    ),
    payload(
        "search_path",
        &[
            "CREATE SCHEMA evil",
            "CREATE FUNCTION public.uuid_send(uuid) RETURNS bytea LANGUAGE sql AS 'SELECT ''x''::bytea'",
            "SET search_path = evil, public, pg_catalog",
            FORGE,
        ],
        &[FORGE],
        true,
        "put functions of its own before the server's, had it CREATE",
    ),
    payload(
        "LISTEN",
        &["LISTEN gossip", "SELECT pg_notify('gossip', body) FROM notes"],
        &["SELECT * FROM pg_listening_channels()"],
        false,
        "hear what the next tenant's triggers notify",
    ),
    payload(
        "a held cursor",
        &[
            "DECLARE held CURSOR WITH HOLD FOR SELECT body FROM notes",
            "DECLARE held2 SCROLL CURSOR WITH HOLD FOR SELECT body FROM notes WHERE tenancy.current_tenant() = '{beta}'",
        ],
        &["FETCH ALL FROM held", "FETCH ALL FROM held2"],
        false,
        "leave rows for whom comes next",
    ),
    payload(
        "advisory locks",
        &["SELECT pg_advisory_lock(g) FROM generate_series(1, 20) g"],
        &["SELECT objid::text FROM pg_locks WHERE locktype = 'advisory'"],
        false,
        "keep other tenants waiting, and tell them something",
    ),
    payload(
        "a DO block",
        &[
            "DO $$ BEGIN PERFORM set_config('app.current_tenant', '{beta}', false); PERFORM body FROM notes; END $$",
        ],
        &[],
        true,
        "become the other tenant where no text is looked at",
    ),
    payload(
        "a DO block that ends the transaction",
        &["DO $$ BEGIN ROLLBACK; PERFORM set_config('app.current_tenant', '{beta}', false); COMMIT; END $$"],
        &[],
        true,
        "become the other tenant past the transaction's own setting",
    ),
    payload(
        "a function made",
        &[
            "CREATE FUNCTION public.f() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('app.current_tenant', '{beta}', false); RETURN QUERY SELECT body FROM notes; END $$",
            "SELECT * FROM public.f()",
        ],
        &[FORGE],
        true,
        "leave code for everyone, had it CREATE",
    ),
    payload(
        "a function made in the session's own schema",
        &[
            "CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.current_tenant', '{beta}', false) $$",
            "SELECT pg_temp.f()",
            FORGE,
        ],
        &["SELECT pg_temp.f()"],
        true,
        "leave code for whom comes next, had it TEMPORARY",
    ),
    payload(
        "a function that leaks what a policy hides",
        &[
            "SELECT body FROM notes WHERE set_config('app.current_tenant', '{beta}', false) IS NOT NULL",
            "SELECT body FROM notes",
        ],
        &[],
        false,
        "become the other tenant while a statement runs, did the policy not come first",
    ),
    payload(
        "COPY",
        &[
            "COPY (SELECT body FROM notes) TO STDOUT",
            "COPY notes TO PROGRAM 'true'",
            "COPY notes FROM '/etc/passwd'",
        ],
        &[FORGE],
        true,
        "read and write the server's files and run programs, were it a superuser",
    ),
    payload(
        "query_to_xml",
        &[
            "SELECT query_to_xml('SELECT set_config(''app.current_tenant'', ''{beta}'', false)', true, true, '')",
            "SELECT query_to_xml('SELECT body FROM notes', true, true, '')",
        ],
        &["SELECT database_to_xml(true, true, '')"],
        true,
        "hide any of these from who looks at the text",
    ),
    payload(
        "dblink",
        &[
            "CREATE EXTENSION dblink",
            "SELECT dblink_connect('dbname=postgres')",
        ],
        &[FORGE],
        true,
        "open a session of its own: without the key it is nobody's",
    ),
    payload(
        "large objects",
        &[
            "SELECT lo_from_bytea(4242, 'left')",
            "SELECT lo_import('/etc/passwd')",
        ],
        &["SELECT convert_from(lo_get(4242), 'UTF8')"],
        false,
        "leave something that every tenant reads",
    ),
    payload(
        "the server's files",
        &[
            "SELECT pg_read_file('postgresql.conf')",
            "SELECT pg_ls_dir('base')",
            "SELECT pg_read_binary_file('global/pg_control')",
        ],
        &[FORGE],
        true,
        "read every tenant's rows from the disk, were it a superuser",
    ),
    payload(
        "other sessions ended",
        &[
            // of this database: the tests share a role
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user \
             AND datname = current_database()",
        ],
        &["SELECT pg_terminate_backend(pg_backend_pid())"],
        false,
        "disturb the others: it still can",
    ),
    payload(
        "plans shown",
        &[
            "SET debug_print_plan = on",
            "SET client_min_messages = debug5",
            "EXPLAIN (ANALYZE, VERBOSE) SELECT body FROM notes",
            "SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'notes'",
        ],
        &[],
        false,
        "read values from plans and statistics",
    ),
    payload(
        "a session's end",
        &["DISCARD ALL", "DEALLOCATE ALL", FORGE],
        &["DISCARD ALL"],
        true,
        "take the pool's memory of the session from it",
    ),
];
