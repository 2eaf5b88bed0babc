-- A photo is what its row says; its content is the object that the row names. The key to itineraries does not cascade:
-- a photo's row must not vanish before its object is listed in loose_objects.
CREATE TABLE public.photos (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  itinerary uuid NOT NULL,
  name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
  object uuid NOT NULL,
  content_type text NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/webp')),
  size bigint NOT NULL CHECK (size BETWEEN 1 AND 5242880),
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT photos_key PRIMARY KEY (tenant_id, itinerary, name),
  CONSTRAINT photos_object UNIQUE (tenant_id, object),
  CONSTRAINT photos_itinerary FOREIGN KEY (tenant_id, itinerary) REFERENCES public.itineraries (tenant_id, id)
);
ALTER TABLE public.photos ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.photos FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.photos AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.photos AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));

-- Objects that no photo shows: uploads under way, and leftovers. A doomed one is never shown again, so it can be deleted.
CREATE TABLE public.loose_objects (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  object uuid NOT NULL,
  doomed boolean NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT loose_objects_key PRIMARY KEY (tenant_id, object)
);
CREATE INDEX loose_objects_by_expiry ON public.loose_objects (tenant_id, expires_at);
ALTER TABLE public.loose_objects ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.loose_objects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.loose_objects AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.loose_objects AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
