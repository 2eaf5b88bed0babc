-- A shared deployment's list of its tenants, for work that no request starts. A pinned one's is its own tenant, which
-- `pinned_tenant` gives.

CREATE FUNCTION registry.tenants_after(after uuid, most integer)
RETURNS TABLE (id uuid, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.id, t.status::pg_catalog.text
    FROM registry.tenants t
    WHERE $1 IS NULL OR t.id > $1
    ORDER BY t.id
    LIMIT least($2, 1000)
$$;

-- What a shared deployment may call: all that the migrations before this one gave it, and its list.
CREATE OR REPLACE FUNCTION registry.shared_calls() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT ARRAY['tenant_by_id', 'tenant_by_slug', 'tenant_by_identity', 'tenant_by_host', 'membership', 'changes_since',
        'tenants_after']
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;

-- Roles that were granted before: who may ask for any tenant may ask which there are.
DO $$
DECLARE
    shared oid;
BEGIN
    FOR shared IN
        SELECT a.grantee
        FROM pg_catalog.pg_proc p CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) a
        WHERE p.oid = 'registry.tenant_by_id(uuid)'::regprocedure AND a.grantee NOT IN (0, p.proowner)
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION registry.tenants_after(uuid, integer) TO %I', pg_get_userbyid(shared));
    END LOOP;
END
$$;
