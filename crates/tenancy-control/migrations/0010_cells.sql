-- Shared cells: where a new Free tenant goes. A cell is known by its name: its databases are at `cell-{name}.{database}`.

CREATE TABLE registry.cells (
    name     text PRIMARY KEY,
    capacity integer NOT NULL,
    weight   integer NOT NULL,
    closed   boolean NOT NULL DEFAULT false,
    -- how many tenants have a database here; kept by the trigger below
    tenants  integer NOT NULL DEFAULT 0,
    CONSTRAINT cell_name_shape CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$'),
    CONSTRAINT cell_capacity_range CHECK (capacity >= 0),
    CONSTRAINT cell_weight_range CHECK (weight BETWEEN 1 AND 1000),
    CONSTRAINT cell_tenants_range CHECK (tenants >= 0),
    CONSTRAINT cell_full CHECK (tenants <= capacity)
);

-- The cells of a placement.
CREATE FUNCTION registry.cells_of(sql jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT coalesce(pg_catalog.array_agg(DISTINCT pg_catalog.substring(place, '^cell-([a-z0-9-]+)\.')), '{}')
    FROM pg_catalog.jsonb_each_text($1) e (name, place)
    WHERE place ~ '^cell-([a-z0-9-]+)\.'
$$;

-- One order for all, so that two tenants that change places wait for each other and do not block each other.
CREATE FUNCTION registry.count_cells() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    before text[] := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE registry.cells_of(OLD.sql) END;
    after  text[] := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE registry.cells_of(NEW.sql) END;
    cell   text;
BEGIN
    FOR cell IN SELECT DISTINCT c FROM pg_catalog.unnest(before || after) c ORDER BY c LOOP
        UPDATE registry.cells SET tenants = tenants + (cell = ANY (after))::integer - (cell = ANY (before))::integer
        WHERE name = cell AND (cell = ANY (after)) <> (cell = ANY (before));
    END LOOP;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_cells AFTER INSERT OR DELETE OR UPDATE OF sql ON registry.tenants
    FOR EACH ROW EXECUTE FUNCTION registry.count_cells();

CREATE FUNCTION registry.empty_cells() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    UPDATE registry.cells SET tenants = 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER empty_cells AFTER TRUNCATE ON registry.tenants
    FOR EACH STATEMENT EXECUTE FUNCTION registry.empty_cells();

-- Adds a cell, with the tenants that are there already, or changes one. Nobody is placed meanwhile: who is placed after it is
-- counted by the trigger, and who was before it by this.
CREATE FUNCTION registry.set_cell(name text, capacity integer, weight integer, closed boolean) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    LOCK TABLE registry.tenants IN SHARE MODE;
    INSERT INTO registry.cells AS c (name, capacity, weight, closed, tenants)
    SELECT $1, $2, $3, $4, pg_catalog.count(*) FROM registry.tenants t WHERE $1 = ANY (registry.cells_of(t.sql))
    ON CONFLICT ON CONSTRAINT cells_pkey
    DO UPDATE SET capacity = excluded.capacity, weight = excluded.weight, closed = excluded.closed;
END
$$;

-- The open cell with the most free room, which stays as it is until the transaction ends. Who waited for one that is full by
-- then gets the next.
CREATE FUNCTION registry.choose_cell() RETURNS text
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    chosen text;
BEGIN
    SELECT c.name INTO chosen FROM registry.cells c
    WHERE NOT c.closed AND c.tenants < c.capacity
    ORDER BY (c.capacity - c.tenants)::bigint * c.weight DESC, c.name
    LIMIT 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no cell has room' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'no_room';
    END IF;
    RETURN chosen;
END
$$;

REVOKE ALL ON registry.cells FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;
