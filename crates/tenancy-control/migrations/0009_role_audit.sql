-- What members did to members and roles, and a version of a role that is never given twice.

-- The last version that a role of the tenant's had, whatever role that was and whether or not it is there still: a role that is
-- deleted and made again goes on above it, so that nobody who knows the old one takes it for the newer. One counter a tenant:
-- of one for all, a tenant could read how often others change their roles.
CREATE TABLE registry.role_versions (
    tenant_id uuid PRIMARY KEY REFERENCES registry.claims (tenant_id),
    version   bigint NOT NULL
);

-- A role that was deleted before this left no trace; none was changed a thousand times more than those that are there.
INSERT INTO registry.role_versions (tenant_id, version)
SELECT t.id, 1000 + coalesce(max(r.version), 0)
FROM registry.tenants t LEFT JOIN registry.roles r ON r.tenant_id = t.id
GROUP BY t.id;

-- After `keep_role`, by its name: that one sees the version that the statement asked for.
CREATE FUNCTION registry.number_role() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO registry.role_versions AS v (tenant_id, version) VALUES (NEW.tenant_id, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET version = v.version + 1
    RETURNING v.version INTO NEW.version;
    RETURN NEW;
END
$$;

CREATE TRIGGER number_role BEFORE INSERT OR UPDATE ON registry.roles
    FOR EACH ROW EXECUTE FUNCTION registry.number_role();

-- A version that was given stays given.
CREATE FUNCTION registry.keep_role_versions() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.tenant_id <> OLD.tenant_id OR NEW.version <= OLD.version THEN
        RAISE EXCEPTION 'a version of a role is never given twice'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_versions_kept';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_role_versions BEFORE UPDATE OR DELETE ON registry.role_versions
    FOR EACH ROW EXECUTE FUNCTION registry.keep_role_versions();
CREATE TRIGGER keep_all_role_versions BEFORE TRUNCATE ON registry.role_versions
    FOR EACH STATEMENT EXECUTE FUNCTION registry.keep_role_versions();

-- What members did to members and roles, in the transaction that did it, and what they were denied. The first columns are those
-- of `tenancy_core::AuditRecord`. It outlives members, roles and tenants, so it refers to none of them; it holds ids and names
-- of roles, and nothing of a person.
CREATE TABLE registry.audit_log (
    tenant_id uuid NOT NULL,
    id        uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
    at        timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    request   uuid NOT NULL,
    actor     text NOT NULL,
    role      text,
    via       text,
    action    text NOT NULL,
    target    text NOT NULL,
    allowed   boolean NOT NULL,
    rule      text NOT NULL,
    policy    bigint NOT NULL,
    -- what was done, and the role or the permissions that it gave
    deed      text NOT NULL,
    gives     text[] NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX audit_log_at ON registry.audit_log (tenant_id, at);

-- It is added to, by the registry's owner too.
CREATE FUNCTION registry.keep_audit_log() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'what was written down stays'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_log_kept';
END
$$;

CREATE TRIGGER keep_audit_log BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION registry.keep_audit_log();

REVOKE ALL ON registry.role_versions, registry.audit_log FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;
