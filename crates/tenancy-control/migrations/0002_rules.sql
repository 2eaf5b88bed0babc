-- What no single row's constraint can say.

-- A claim stays as it was made.
CREATE FUNCTION registry.keep_claims() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'a claimed name is never changed and never released'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'claims_kept';
END
$$;

CREATE TRIGGER keep_claims BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.claims
    FOR EACH STATEMENT EXECUTE FUNCTION registry.keep_claims();

-- A new tenant claims its names; a taken one fails by its own constraint.
CREATE FUNCTION registry.claim_names() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO registry.claims (tenant_id, slug, identity_tenant)
    VALUES (NEW.id, NEW.slug, NEW.identity_tenant);
    RETURN NEW;
END
$$;

CREATE TRIGGER claim_names BEFORE INSERT ON registry.tenants
    FOR EACH ROW EXECUTE FUNCTION registry.claim_names();

-- Who a tenant is never changes, and a placement changes only forward.
CREATE FUNCTION registry.keep_tenant() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF (NEW.id, NEW.slug, NEW.identity_tenant) IS DISTINCT FROM (OLD.id, OLD.slug, OLD.identity_tenant) THEN
        RAISE EXCEPTION 'a tenant''s id, slug and user pool never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tenant_kept';
    END IF;
    IF NEW.epoch < OLD.epoch
        OR (NEW.epoch = OLD.epoch AND (NEW.sql, NEW.objects) IS DISTINCT FROM (OLD.sql, OLD.objects))
    THEN
        RAISE EXCEPTION 'a new placement has a greater epoch'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'epoch_rises';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_tenant BEFORE UPDATE ON registry.tenants
    FOR EACH ROW EXECUTE FUNCTION registry.keep_tenant();

-- Who a user or a membership is about never changes either.
CREATE FUNCTION registry.keep_user() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF (NEW.id, NEW.identity_tenant, NEW.firebase_uid) IS DISTINCT FROM (OLD.id, OLD.identity_tenant, OLD.firebase_uid) THEN
        RAISE EXCEPTION 'a user''s id, pool and subject never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'user_kept';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_user BEFORE UPDATE ON registry.users
    FOR EACH ROW EXECUTE FUNCTION registry.keep_user();

CREATE FUNCTION registry.keep_member() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF (NEW.id, NEW.user_id, NEW.tenant_id) IS DISTINCT FROM (OLD.id, OLD.user_id, OLD.tenant_id) THEN
        RAISE EXCEPTION 'a membership is changed in its role only'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'member_kept';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_member BEFORE UPDATE ON registry.user_tenants
    FOR EACH ROW EXECUTE FUNCTION registry.keep_member();

-- A tenant has an owner when a transaction ends, so that ownership can change hands within one. The tenant's row is
-- locked first: two owners who leave at once would each see the other.
CREATE FUNCTION registry.require_owner() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    tenant uuid := CASE WHEN TG_TABLE_NAME = 'tenants' THEN (to_jsonb(NEW) ->> 'id')::uuid
                        ELSE (to_jsonb(OLD) ->> 'tenant_id')::uuid END;
BEGIN
    PERFORM FROM registry.tenants WHERE id = tenant FOR UPDATE;
    IF FOUND AND NOT EXISTS (SELECT FROM registry.user_tenants WHERE tenant_id = tenant AND role = 'owner') THEN
        RAISE EXCEPTION 'a tenant has an owner'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'last_owner';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER require_owner AFTER INSERT ON registry.tenants
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.require_owner();

CREATE CONSTRAINT TRIGGER require_owner AFTER UPDATE OR DELETE ON registry.user_tenants
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.require_owner();
