-- Who may ask what. These run as the registry's owner, who alone may call them.

-- Takes back all that a role may do here.
CREATE FUNCTION registry.revoke_all(role name) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM %I', role);
    EXECUTE format('REVOKE ALL ON SCHEMA registry FROM %I', role);
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), role);
END
$$;

-- What a role could do beyond calling the functions in `allowed`: by itself, through another role, or through a grant
-- that was made by hand.
CREATE FUNCTION registry.excess(role name, allowed text[]) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT 'has an attribute that no deployment needs (SUPERUSER, BYPASSRLS, CREATEROLE, CREATEDB or REPLICATION)'
    FROM pg_catalog.pg_roles r
    WHERE r.rolname = $1 AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
    UNION ALL
    SELECT format('is a member of `%s`', g.rolname)
    FROM pg_catalog.pg_auth_members m
    JOIN pg_catalog.pg_roles r ON r.oid = m.member
    JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    WHERE r.rolname = $1
    UNION ALL
    SELECT format('has a privilege on the table `%s`', c.relname)
    FROM pg_catalog.pg_class c
    WHERE c.relnamespace = 'registry'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND (has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
             OR has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
    UNION ALL
    SELECT format('may call `%s`', p.proname)
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'registry'::regnamespace
        AND has_function_privilege($1, p.oid, 'EXECUTE') AND p.proname::text <> ALL ($2)
$$;

-- Gives a role the functions in `allowed` and nothing else, or refuses it.
CREATE FUNCTION registry.confine(role name, allowed text[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    granted  regprocedure;
    too_much text;
BEGIN
    PERFORM registry.revoke_all(role);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    EXECUTE format('GRANT USAGE ON SCHEMA registry TO %I', role);
    FOR granted IN
        SELECT p.oid FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'registry'::regnamespace AND p.proname::text = ANY (allowed)
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', granted, role);
    END LOOP;
    SELECT * INTO too_much FROM registry.excess(role, allowed) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the role `%` %', role, too_much
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_confined';
    END IF;
END
$$;

-- For a deployment that serves many tenants.
CREATE FUNCTION registry.grant_shared(role name) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM registry.deployments d WHERE d.role = $1) THEN
        RAISE EXCEPTION 'the role is pinned to a tenant'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_pinned';
    END IF;
    PERFORM registry.confine(role, ARRAY[
        'tenant_by_id', 'tenant_by_slug', 'tenant_by_identity', 'tenant_by_host', 'membership']);
END
$$;

-- For a deployment that serves one tenant. Its role stays with that tenant until `revoke`.
CREATE FUNCTION registry.pin(role name, tenant uuid) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO registry.deployments (role, tenant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM registry.deployments d WHERE d.role = $1 AND d.tenant_id = $2) THEN
        RAISE EXCEPTION 'the role is pinned to another tenant'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_pinned';
    END IF;
    PERFORM registry.confine(role, ARRAY['pinned_tenant', 'pinned_membership']);
END
$$;

CREATE FUNCTION registry.revoke(role name) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    DELETE FROM registry.deployments d WHERE d.role = $1;
    PERFORM registry.revoke_all($1);
END
$$;
