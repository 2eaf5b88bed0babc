DECLARE
    random text := replace(gen_random_uuid()::text, '-', '');
BEGIN
    IF has_database_privilege(session_user, current_database(), 'TEMPORARY') THEN
        RAISE EXCEPTION 'a role that makes temporary objects could forge its seal'
            USING ERRCODE = 'TS002', HINT = 'REVOKE TEMPORARY ON DATABASE ... FROM PUBLIC, and from the role';
    END IF;
    IF to_regclass('pg_temp.tenancy_seal_next') IS NULL THEN
        CREATE TEMPORARY SEQUENCE tenancy_seal_high MINVALUE -9223372036854775808;
        CREATE TEMPORARY SEQUENCE tenancy_seal_low MINVALUE -9223372036854775808;
        CREATE TEMPORARY SEQUENCE tenancy_seal_challenge MINVALUE -9223372036854775808;
        CREATE TEMPORARY SEQUENCE tenancy_seal_next MINVALUE 0;
        PERFORM setval('pg_temp.tenancy_seal_challenge', ('x' || left(random, 16))::bit(64)::int8);
        PERFORM setval('pg_temp.tenancy_seal_next', ('x' || right(random, 16))::bit(64)::int8 & 4611686018427387903);
    END IF;
    backend := pg_backend_pid();
    challenge := currval('pg_temp.tenancy_seal_challenge');
    next := currval('pg_temp.tenancy_seal_next');
END
