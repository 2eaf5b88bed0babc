DECLARE
    turn int8 := currval('pg_temp.tenancy_seal_next');
    said text := concat_ws('|', 'tenancy-seal-1', pg_backend_pid(), currval('pg_temp.tenancy_seal_challenge'), turn, tenant);
    bits text := replace(tenant::text, '-', '');
    expected bytea;
BEGIN
    IF has_database_privilege(session_user, current_database(), 'TEMPORARY') THEN
        RAISE EXCEPTION 'a role that makes temporary objects could forge its seal' USING ERRCODE = 'TS002';
    END IF;
    SELECT sha256(k.outer_pad || sha256(k.inner_pad || convert_to(said, 'UTF8'))) INTO expected
    FROM tenancy.seal_key k WHERE k.id = key;
    -- hashed again, so that how long the comparison takes says nothing
    IF expected IS NULL OR proof IS NULL OR sha256(expected) <> sha256(proof) THEN
        RAISE EXCEPTION 'the proof is not one for this session, tenant and turn' USING ERRCODE = 'TS001';
    END IF;
    -- no rollback brings these back
    PERFORM setval('pg_temp.tenancy_seal_next', turn + 1);
    PERFORM setval('pg_temp.tenancy_seal_high', ('x' || left(bits, 16))::bit(64)::int8);
    PERFORM setval('pg_temp.tenancy_seal_low', ('x' || right(bits, 16))::bit(64)::int8);
END
