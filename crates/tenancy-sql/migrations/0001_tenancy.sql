-- What every fence stands on. Owned by the migrating role; the runtime role may call it and change nothing.
CREATE SCHEMA IF NOT EXISTS tenancy;
REVOKE ALL ON SCHEMA tenancy FROM PUBLIC;

-- Strict: without a tenant it is an error, and '' (what a finished SET LOCAL leaves) is none either.
-- A plain SQL function, STABLE and without a SET clause, so that the planner inlines it.
CREATE FUNCTION tenancy.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT pg_catalog.current_setting('app.current_tenant')::pg_catalog.uuid $$;
REVOKE ALL ON FUNCTION tenancy.current_tenant() FROM PUBLIC;
COMMENT ON FUNCTION tenancy.current_tenant() IS 'The tenant of this session or transaction; an error without one.';

-- The actor of a transaction, for audit triggers; NULL outside of one.
CREATE FUNCTION tenancy.current_actor() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(pg_catalog.current_setting('app.current_actor', true), '')::pg_catalog.uuid $$;
REVOKE ALL ON FUNCTION tenancy.current_actor() FROM PUBLIC;
COMMENT ON FUNCTION tenancy.current_actor() IS 'The user in whose name this transaction writes.';
