-- What people say about an itinerary. The itinerary is in another database: its id is taken on trust.
-- Ids are version 7, so their order is the order of creation.
CREATE TABLE public.comments (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  id uuid NOT NULL,
  itinerary uuid NOT NULL,
  author uuid NOT NULL,
  text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 2000),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT comments_key PRIMARY KEY (tenant_id, id)
);
CREATE INDEX comments_by_itinerary ON public.comments (tenant_id, itinerary, id);
ALTER TABLE public.comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.comments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.comments AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.comments AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));

-- Who likes an itinerary: once each, by the key.
CREATE TABLE public.likes (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  itinerary uuid NOT NULL,
  liked_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT likes_key PRIMARY KEY (tenant_id, itinerary, liked_by)
);
ALTER TABLE public.likes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.likes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.likes AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.likes AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
