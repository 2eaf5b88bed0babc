-- The tenant's own users: what this service knows of them. Accounts and roles are the control plane's.
CREATE TABLE public.users (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  id uuid NOT NULL,
  display_name text CHECK (char_length(display_name) BETWEEN 1 AND 100),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT users_key PRIMARY KEY (tenant_id, id)
);
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.users AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.users AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));

-- Ids are version 7, so the key's order is the order of creation: pages walk it backwards, without another index.
CREATE TABLE public.itineraries (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  id uuid NOT NULL,
  owner uuid NOT NULL,
  title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
  notes text NOT NULL CHECK (char_length(notes) <= 10000),
  starts_on date,
  ends_on date,
  visibility text NOT NULL CHECK (visibility IN ('private', 'shared')),
  version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT itineraries_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT itineraries_owner FOREIGN KEY (tenant_id, owner) REFERENCES public.users (tenant_id, id),
  CONSTRAINT itineraries_dates CHECK (ends_on IS NULL OR (starts_on IS NOT NULL AND ends_on >= starts_on))
);
CREATE INDEX itineraries_by_owner ON public.itineraries (tenant_id, owner);
ALTER TABLE public.itineraries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.itineraries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.itineraries AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.itineraries AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
