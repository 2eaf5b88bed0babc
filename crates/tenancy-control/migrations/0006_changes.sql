-- Which tenants changed: what a cache asks after a notification, and each second without one. It says who, never what.
--
-- One row a tenant, with the transaction that last changed it; so the table is as large as there are tenants, and nothing
-- has to be pruned. A reader's cursor is a snapshot, and the answer is every tenant whose transaction was not visible in
-- that snapshot and is now. So a transaction that began early and commits late is told of when it commits.

CREATE TABLE registry.changes (
    tenant_id uuid PRIMARY KEY,
    xid       xid8 NOT NULL
);

CREATE INDEX changes_xid ON registry.changes (xid);

INSERT INTO registry.changes (tenant_id, xid) SELECT id, pg_current_xact_id() FROM registry.tenants;

-- Deferred, for the row is locked until the commit then and no longer; and after `require_owner`, by its name, so that
-- everybody locks a tenant's row first and this one second.
CREATE FUNCTION registry.tell_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO registry.changes AS c (tenant_id, xid)
    SELECT DISTINCT (changed ->> TG_ARGV[0])::uuid, pg_current_xact_id()
    FROM unnest(ARRAY[to_jsonb(OLD), to_jsonb(NEW)]) changed
    WHERE changed ->> TG_ARGV[0] IS NOT NULL
    ON CONFLICT (tenant_id) DO UPDATE SET xid = excluded.xid WHERE c.xid <> excluded.xid;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON registry.tenants
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.tell_change('id');
CREATE CONSTRAINT TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON registry.user_tenants
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.tell_change('tenant_id');
CREATE CONSTRAINT TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON registry.deployments
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry.tell_change('tenant_id');

CREATE FUNCTION registry.tell_all() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    UPDATE registry.changes SET xid = pg_current_xact_id();
    RETURN NULL;
END
$$;

CREATE TRIGGER tell_all AFTER TRUNCATE ON registry.tenants
    FOR EACH STATEMENT EXECUTE FUNCTION registry.tell_all();
CREATE TRIGGER tell_all AFTER TRUNCATE ON registry.user_tenants
    FOR EACH STATEMENT EXECUTE FUNCTION registry.tell_all();
CREATE TRIGGER tell_all AFTER TRUNCATE ON registry.deployments
    FOR EACH STATEMENT EXECUTE FUNCTION registry.tell_all();

-- In which history transactions are counted: a restored or promoted server counts some of them again. One that was put back
-- with its disk has the same timeline, and was started since.
CREATE FUNCTION registry.history() RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT system_identifier || '.' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)
        || '.' || extract(epoch FROM pg_catalog.pg_postmaster_start_time())
    FROM pg_catalog.pg_control_system()
$$;

-- `tenants` is null when it is not known who changed: without a cursor, with one of another history or of what has not
-- happened in this one, or when they are more than ten thousand. All of it is read in one snapshot, the caller's statement's, which is also the new cursor.
CREATE FUNCTION registry.changes_after(since text, only_of uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = '' AS $$
    WITH place AS (
        SELECT h AS history, pg_catalog.pg_current_snapshot() AS present,
            CASE WHEN pg_catalog.split_part($1, '/', 1) = h
                THEN pg_catalog.split_part($1, '/', 2)::pg_catalog.pg_snapshot END AS seen
        FROM registry.history() h
    ), feed AS (
        SELECT history, present::text,
            CASE WHEN pg_catalog.pg_snapshot_xmax(seen) <= pg_catalog.pg_snapshot_xmax(present) THEN seen END AS seen
        FROM place
    ), changed AS (
        SELECT c.tenant_id
        FROM feed JOIN registry.changes c ON c.xid >= pg_catalog.pg_snapshot_xmin(feed.seen)
        WHERE NOT pg_catalog.pg_visible_in_snapshot(c.xid, feed.seen) AND ($2 IS NULL OR c.tenant_id = $2)
        LIMIT 10001
    ), listed AS (
        SELECT pg_catalog.count(*) AS count, pg_catalog.jsonb_agg(tenant_id) AS tenants FROM changed
    )
    SELECT pg_catalog.jsonb_build_object(
        'cursor', feed.history || '/' || feed.present,
        'tenants', CASE WHEN feed.seen IS NOT NULL AND listed.count <= 10000
            THEN COALESCE(listed.tenants, '[]') END)
    FROM feed CROSS JOIN listed
$$;

-- For shared deployments.
CREATE FUNCTION registry.changes_since(since text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT registry.changes_after($1, NULL)
$$;

-- For pinned ones: of the tenant that the session's user belongs to, and null for who belongs to none.
CREATE FUNCTION registry.pinned_changes_since(since text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT registry.changes_after($1, d.tenant_id) FROM registry.deployments d WHERE d.role = session_user
$$;

-- What each kind of deployment may call; a later migration that adds a function replaces these.
CREATE FUNCTION registry.shared_calls() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT ARRAY['tenant_by_id', 'tenant_by_slug', 'tenant_by_identity', 'tenant_by_host', 'membership', 'changes_since']
$$;

CREATE FUNCTION registry.pinned_calls() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT ARRAY['pinned_tenant', 'pinned_membership', 'pinned_changes_since']
$$;

CREATE OR REPLACE FUNCTION registry.grant_shared(role name) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM registry.deployments d WHERE d.role = $1) THEN
        RAISE EXCEPTION 'the role is pinned to a tenant'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_pinned';
    END IF;
    PERFORM registry.confine(role, registry.shared_calls());
END
$$;

CREATE OR REPLACE FUNCTION registry.pin(role name, tenant uuid) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO registry.deployments (role, tenant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM registry.deployments d WHERE d.role = $1 AND d.tenant_id = $2) THEN
        RAISE EXCEPTION 'the role is pinned to another tenant'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_pinned';
    END IF;
    PERFORM registry.confine(role, registry.pinned_calls());
END
$$;

REVOKE ALL ON ALL TABLES IN SCHEMA registry FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;

-- Deployments that were granted before this get their feed.
DO $$
DECLARE
    deployed name;
BEGIN
    FOR deployed IN
        SELECT r.rolname
        FROM pg_catalog.pg_proc p
        CROSS JOIN LATERAL aclexplode(p.proacl) a
        JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
        WHERE p.oid = 'registry.tenant_by_id(uuid)'::regprocedure AND a.grantee <> p.proowner
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION registry.changes_since(text) TO %I', deployed);
    END LOOP;
    FOR deployed IN SELECT d.role FROM registry.deployments d JOIN pg_catalog.pg_roles r ON r.rolname = d.role LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION registry.pinned_changes_since(text) TO %I', deployed);
    END LOOP;
END
$$;
