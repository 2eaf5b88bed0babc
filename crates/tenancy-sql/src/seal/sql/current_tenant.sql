DECLARE
    tenant pg_catalog.uuid := pg_catalog.current_setting('app.current_tenant')::pg_catalog.uuid;
BEGIN
    IF pg_catalog.uuid_send(tenant) OPERATOR(pg_catalog.=) (
        pg_catalog.int8send(pg_catalog.currval('pg_temp.tenancy_seal_high'::pg_catalog.regclass))
        OPERATOR(pg_catalog.||)
        pg_catalog.int8send(pg_catalog.currval('pg_temp.tenancy_seal_low'::pg_catalog.regclass)))
    THEN
        RETURN tenant;
    END IF;
    RAISE EXCEPTION 'the session is sealed for another tenant than its setting names' USING ERRCODE = 'TS001';
END
