-- The ledger of what a tenant has stored: `tenancy_core::QuotaLedger`. One row of `quota_usage` is locked by each change, so that
-- a tenant's changes happen one after another, and no two take the same room.
CREATE TABLE tenancy.quota_usage (
    tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
    used      bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    reserved  bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    PRIMARY KEY (tenant_id)
);
ALTER TABLE tenancy.quota_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.quota_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON tenancy.quota_usage AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON tenancy.quota_usage AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
COMMENT ON TABLE tenancy.quota_usage IS 'The bytes that a tenant has stored and reserved, in all of its stores.';

CREATE TABLE tenancy.quota_stores (
    tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
    store     text NOT NULL,
    used      bigint NOT NULL CHECK (used >= 0),
    settled   bigint NOT NULL CHECK (settled >= 0),
    PRIMARY KEY (tenant_id, store)
);
ALTER TABLE tenancy.quota_stores ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.quota_stores FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON tenancy.quota_stores AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON tenancy.quota_stores AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
COMMENT ON TABLE tenancy.quota_stores IS 'The bytes of one store, and how many were ever settled in it.';

CREATE TABLE tenancy.quota_reservations (
    tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
    id        uuid NOT NULL,
    store     text NOT NULL,
    bytes     bigint NOT NULL CHECK (bytes >= 0),
    ends_at   timestamptz NOT NULL,
    state     text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'settled', 'released', 'ended')),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX quota_reservations_ends ON tenancy.quota_reservations (tenant_id, ends_at);
ALTER TABLE tenancy.quota_reservations ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.quota_reservations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON tenancy.quota_reservations AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON tenancy.quota_reservations AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
COMMENT ON TABLE tenancy.quota_reservations IS 'Room that was taken; a row stays for a week after its end, so that what is late is counted once.';

-- Holds the tenant's ledger until the transaction ends. Reservations whose time is over give their room back.
CREATE FUNCTION tenancy.quota_enter() RETURNS tenancy.quota_usage LANGUAGE plpgsql AS $$
DECLARE
    me   pg_catalog.uuid := tenancy.current_tenant();
    own  tenancy.quota_usage;
    gone pg_catalog.int8;
BEGIN
    INSERT INTO tenancy.quota_usage (tenant_id) VALUES (me) ON CONFLICT DO NOTHING;
    PERFORM FROM tenancy.quota_usage u WHERE u.tenant_id = me FOR UPDATE;
    WITH late AS (
        UPDATE tenancy.quota_reservations r SET state = 'ended'
        WHERE r.tenant_id = me AND r.state = 'held' AND r.ends_at <= pg_catalog.clock_timestamp() RETURNING r.bytes
    ) SELECT coalesce(pg_catalog.sum(late.bytes), 0) INTO gone FROM late;
    DELETE FROM tenancy.quota_reservations r WHERE r.tenant_id = me AND r.id IN (
        SELECT o.id FROM tenancy.quota_reservations o
        WHERE o.tenant_id = me AND o.state <> 'held' AND o.ends_at < pg_catalog.clock_timestamp() - interval '7 days' LIMIT 100);
    UPDATE tenancy.quota_usage u SET reserved = u.reserved - gone WHERE u.tenant_id = me RETURNING u.* INTO own;
    RETURN own;
END
$$;

CREATE FUNCTION tenancy.quota_reserve(reservation uuid, in_store text, amount bigint, most bigint, hold interval,
    OUT taken boolean, OUT used bigint, OUT reserved bigint) LANGUAGE plpgsql AS $$
DECLARE
    own tenancy.quota_usage := tenancy.quota_enter();
BEGIN
    used := own.used;
    reserved := own.reserved;
    taken := most IS NULL OR amount <= most - own.used - own.reserved;
    IF taken THEN
        INSERT INTO tenancy.quota_reservations (id, store, bytes, ends_at)
        VALUES (reservation, in_store, amount, pg_catalog.clock_timestamp() + hold);
        UPDATE tenancy.quota_usage u SET reserved = u.reserved + amount WHERE u.tenant_id = own.tenant_id;
    END IF;
END
$$;

-- Ends a reservation: with what was stored, or with NULL for nothing. False when there is none.
CREATE FUNCTION tenancy.quota_settle(reservation uuid, actual bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    own  tenancy.quota_usage := tenancy.quota_enter();
    held tenancy.quota_reservations;
BEGIN
    SELECT * INTO held FROM tenancy.quota_reservations r WHERE r.tenant_id = own.tenant_id AND r.id = reservation;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF held.state = 'settled' OR (actual IS NULL AND held.state <> 'held') THEN
        RETURN true;
    END IF;
    UPDATE tenancy.quota_usage u
    SET used = u.used + coalesce(actual, 0), reserved = u.reserved - CASE held.state WHEN 'held' THEN held.bytes ELSE 0 END
    WHERE u.tenant_id = own.tenant_id;
    IF actual IS NOT NULL THEN
        INSERT INTO tenancy.quota_stores AS s (store, used, settled) VALUES (held.store, actual, actual)
        ON CONFLICT (tenant_id, store) DO UPDATE SET used = s.used + actual, settled = s.settled + actual;
    END IF;
    UPDATE tenancy.quota_reservations r SET state = CASE WHEN actual IS NULL THEN 'released' ELSE 'settled' END
    WHERE r.tenant_id = own.tenant_id AND r.id = reservation;
    RETURN true;
END
$$;

-- A store has this many bytes from now on.
CREATE FUNCTION tenancy.quota_set(own tenancy.quota_usage, in_store text, bytes bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before pg_catalog.int8;
BEGIN
    SELECT s.used INTO before FROM tenancy.quota_stores s WHERE s.tenant_id = own.tenant_id AND s.store = in_store;
    INSERT INTO tenancy.quota_stores AS s (store, used, settled) VALUES (in_store, bytes, 0)
    ON CONFLICT (tenant_id, store) DO UPDATE SET used = excluded.used;
    UPDATE tenancy.quota_usage u SET used = u.used + bytes - coalesce(before, 0) WHERE u.tenant_id = own.tenant_id;
END
$$;

CREATE FUNCTION tenancy.quota_free(in_store text, bytes bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own    tenancy.quota_usage := tenancy.quota_enter();
    before pg_catalog.int8;
BEGIN
    SELECT s.used INTO before FROM tenancy.quota_stores s WHERE s.tenant_id = own.tenant_id AND s.store = in_store;
    PERFORM tenancy.quota_set(own, in_store, greatest(coalesce(before, 0) - bytes, 0));
END
$$;

CREATE FUNCTION tenancy.quota_reconcile(in_store text, settled_before bigint, listed bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own  tenancy.quota_usage := tenancy.quota_enter();
    ever pg_catalog.int8;
BEGIN
    SELECT s.settled INTO ever FROM tenancy.quota_stores s WHERE s.tenant_id = own.tenant_id AND s.store = in_store;
    PERFORM tenancy.quota_set(own, in_store, listed + greatest(coalesce(ever, 0) - settled_before, 0));
END
$$;

REVOKE ALL ON FUNCTION tenancy.quota_enter(), tenancy.quota_reserve(uuid, text, bigint, bigint, interval),
    tenancy.quota_settle(uuid, bigint), tenancy.quota_set(tenancy.quota_usage, text, bigint), tenancy.quota_free(text, bigint),
    tenancy.quota_reconcile(text, bigint, bigint) FROM PUBLIC;
