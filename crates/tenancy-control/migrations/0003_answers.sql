-- What deployments may ask. Each function runs as the registry's owner, with nothing on its search path, and is
-- granted by 0004; what it answers is the serialized form of `tenancy_core::TenantRecord`, or NULL when there is none.

CREATE FUNCTION registry.record(tenant registry.tenants) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT pg_catalog.jsonb_build_object(
        'id', tenant.id,
        'slug', tenant.slug,
        'name', tenant.name,
        'tier', tenant.tier,
        'status', tenant.status,
        'identity_tenant', tenant.identity_tenant,
        'custom_host', tenant.custom_host,
        'plan', tenant.plan,
        'placement', pg_catalog.jsonb_build_object(
            'epoch', tenant.epoch, 'sql', tenant.sql, 'objects', tenant.objects))
$$;

-- For shared deployments.

CREATE FUNCTION registry.tenant_by_id(id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT registry.record(t) FROM registry.tenants t WHERE t.id = $1
$$;

CREATE FUNCTION registry.tenant_by_slug(slug text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT registry.record(t) FROM registry.tenants t WHERE t.slug = $1
$$;

CREATE FUNCTION registry.tenant_by_identity(identity_tenant text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT registry.record(t) FROM registry.tenants t WHERE t.identity_tenant = $1
$$;

CREATE FUNCTION registry.tenant_by_host(host text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT registry.record(t) FROM registry.tenants t WHERE t.custom_host = $1
$$;

CREATE FUNCTION registry.membership(tenant uuid, pool text, subject text)
RETURNS TABLE (user_id uuid, role text)
LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.user_id, m.role::pg_catalog.text
    FROM registry.users u
    JOIN registry.user_tenants m ON m.user_id = u.id
    WHERE m.tenant_id = $1 AND u.identity_tenant = $2 AND u.firebase_uid = $3
$$;

-- For pinned deployments: the session's user says which tenant it is, and no argument can.

CREATE FUNCTION registry.pinned_tenant() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT registry.record(t)
    FROM registry.deployments d
    JOIN registry.tenants t ON t.id = d.tenant_id
    WHERE d.role = session_user
$$;

CREATE FUNCTION registry.pinned_membership(tenant uuid, pool text, subject text)
RETURNS TABLE (user_id uuid, role text)
LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.user_id, m.role
    FROM registry.deployments d
    CROSS JOIN LATERAL registry.membership(d.tenant_id, $2, $3) m
    WHERE d.role = session_user AND d.tenant_id = $1
$$;
