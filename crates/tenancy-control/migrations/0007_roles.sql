-- Roles that a tenant makes of permissions, and what a tenant's plan changes of its tier's.

-- Names of permissions, each once, without wildcards.
CREATE FUNCTION registry.are_permissions(names text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT pg_catalog.cardinality(names) <= 256
        AND coalesce(pg_catalog.array_ndims(names), 1) = 1
        AND NOT EXISTS (SELECT FROM pg_catalog.unnest(names) n
                        WHERE n IS NULL OR pg_catalog.length(n) > 64
                            OR n !~ '^[a-z][a-z0-9_]*(:[a-z][a-z0-9_]*){1,2}$')
        AND (SELECT pg_catalog.count(*) = pg_catalog.count(DISTINCT n) FROM pg_catalog.unnest(names) n)
$$;

CREATE TABLE registry.roles (
    tenant_id   uuid NOT NULL REFERENCES registry.tenants (id),
    name        varchar(50) NOT NULL,
    permissions text[] NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    created_by  uuid NOT NULL REFERENCES registry.users (id),
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_pkey PRIMARY KEY (tenant_id, name),
    CONSTRAINT role_name_shape CHECK (name ~ '^[a-z][a-z0-9-]{1,49}$'
        AND name NOT IN ('owner', 'admin', 'member', 'readonly', 'custom')),
    CONSTRAINT role_permissions_shape CHECK (registry.are_permissions(permissions)),
    -- the platform's; an application's are looked up in the catalogue of whoever defines the role
    CONSTRAINT role_owner_only CHECK (
        NOT permissions && ARRAY['tenant:delete', 'tenant:billing:manage', 'tenant:admins:manage'])
);

CREATE INDEX roles_created_by ON registry.roles (created_by);

-- Whose a role is never changes, and each change of what it may do is a new version.
CREATE FUNCTION registry.keep_role() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF (NEW.tenant_id, NEW.name, NEW.created_by) IS DISTINCT FROM (OLD.tenant_id, OLD.name, OLD.created_by)
        OR NEW.version <= OLD.version
    THEN
        RAISE EXCEPTION 'a role is changed in its permissions only, and by a new version'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_kept';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_role BEFORE UPDATE ON registry.roles
    FOR EACH ROW EXECUTE FUNCTION registry.keep_role();
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registry.roles
    FOR EACH STATEMENT EXECUTE FUNCTION registry.announce();
CREATE CONSTRAINT TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON registry.roles
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.tell_change('tenant_id');
CREATE TRIGGER tell_all AFTER TRUNCATE ON registry.roles
    FOR EACH STATEMENT EXECUTE FUNCTION registry.tell_all();

-- A member has one of the four, or one of its own tenant's: the key holds that, and that a role with members stays.
ALTER TABLE registry.user_tenants
    ADD COLUMN custom_role varchar(50),
    DROP CONSTRAINT role_known,
    ADD CONSTRAINT role_known CHECK (role IN ('owner', 'admin', 'member', 'readonly', 'custom')),
    ADD CONSTRAINT custom_role_named CHECK ((role = 'custom') = (custom_role IS NOT NULL)),
    ADD CONSTRAINT user_tenants_custom_role FOREIGN KEY (tenant_id, custom_role)
        REFERENCES registry.roles (tenant_id, name);

CREATE INDEX user_tenants_custom_role ON registry.user_tenants (tenant_id, custom_role);

-- The functions answer more columns, under the names that deployments call. Who might call them still may.
CREATE FUNCTION registry.callers(callee text) RETURNS SETOF name
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT DISTINCT r.rolname
    FROM pg_catalog.pg_proc p
    CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) a
    JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE p.pronamespace = 'registry'::pg_catalog.regnamespace AND p.proname = callee
        AND a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner
$$;

CREATE TEMPORARY TABLE callers ON COMMIT DROP AS
    SELECT f AS callee, registry.callers(f) AS role FROM unnest(ARRAY['membership', 'pinned_membership']) f;

DROP FUNCTION registry.pinned_membership(uuid, text, text);
DROP FUNCTION registry.membership(uuid, text, text);

CREATE FUNCTION registry.membership(tenant uuid, pool text, subject text)
RETURNS TABLE (user_id uuid, role text, custom_role text, permissions text[], version bigint)
LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.user_id, m.role::pg_catalog.text, m.custom_role::pg_catalog.text, r.permissions, r.version
    FROM registry.users u
    JOIN registry.user_tenants m ON m.user_id = u.id
    LEFT JOIN registry.roles r ON r.tenant_id = m.tenant_id AND r.name = m.custom_role
    WHERE m.tenant_id = $1 AND u.identity_tenant = $2 AND u.firebase_uid = $3
$$;

-- Another tenant's pool is not looked into at all: how much a call reads, its caller can see.
CREATE FUNCTION registry.pinned_membership(tenant uuid, pool text, subject text)
RETURNS TABLE (user_id uuid, role text, custom_role text, permissions text[], version bigint)
LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.user_id, m.role, m.custom_role, m.permissions, m.version
    FROM registry.deployments d
    JOIN registry.tenants t ON t.id = d.tenant_id
    CROSS JOIN LATERAL registry.membership(t.id, CASE WHEN $2 = t.identity_tenant THEN $2 END, $3) m
    WHERE d.role = session_user AND d.tenant_id = $1
$$;

DO $$
DECLARE
    caller record;
BEGIN
    FOR caller IN SELECT callee, role FROM pg_temp.callers LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION registry.%I(uuid, text, text) TO %I', caller.callee, caller.role);
    END LOOP;
END
$$;

DROP TABLE pg_temp.callers;
DROP FUNCTION registry.callers(text);

-- A plan of a tenant's own was written out in full; now it says what differs from the tier's.
UPDATE registry.tenants t SET plan = (plan - 'features') || jsonb_build_object(
    'add_features', plan -> 'features',
    'remove_features', (
        SELECT coalesce(jsonb_agg(f), '[]')
        FROM unnest(ARRAY['social', 'recommendations', 'members', 'subdomain', 'custom_domain', 'custom_roles',
                          'audit_log', 'scheduled_export', 'direct_database_access', 'read_replicas',
                          'customer_managed_keys']) f
        WHERE NOT t.plan -> 'features' ? f))
WHERE plan ? 'features';

REVOKE ALL ON registry.roles FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;
