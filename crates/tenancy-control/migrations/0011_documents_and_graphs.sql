-- Where a tenant's documents and graphs are.

ALTER TABLE registry.tenants
    ADD COLUMN documents jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN graph     jsonb NOT NULL DEFAULT '{}',
    ADD CONSTRAINT placement_stores_shape CHECK (jsonb_typeof(documents) = 'object' AND jsonb_typeof(graph) = 'object');

CREATE OR REPLACE FUNCTION registry.keep_tenant() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF (NEW.id, NEW.slug, NEW.identity_tenant) IS DISTINCT FROM (OLD.id, OLD.slug, OLD.identity_tenant) THEN
        RAISE EXCEPTION 'a tenant''s id, slug and user pool never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tenant_kept';
    END IF;
    IF NEW.epoch < OLD.epoch
        OR (NEW.epoch = OLD.epoch AND (NEW.sql, NEW.objects, NEW.documents, NEW.graph)
            IS DISTINCT FROM (OLD.sql, OLD.objects, OLD.documents, OLD.graph))
    THEN
        RAISE EXCEPTION 'a new placement has a greater epoch'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'epoch_rises';
    END IF;
    RETURN NEW;
END
$$;

-- A store that a tenant has none of is left out: who does not know it yet reads the record as before.
CREATE OR REPLACE FUNCTION registry.record(tenant registry.tenants) RETURNS jsonb
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
            'epoch', tenant.epoch, 'sql', tenant.sql, 'objects', tenant.objects)
            || CASE tenant.documents WHEN '{}' THEN '{}'
               ELSE pg_catalog.jsonb_build_object('documents', tenant.documents) END
            || CASE tenant.graph WHEN '{}' THEN '{}'
               ELSE pg_catalog.jsonb_build_object('graph', tenant.graph) END)
$$;
