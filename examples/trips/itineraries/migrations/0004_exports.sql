-- An export is a job until it is made: then its envelope goes, and with it the proof of who asked. The key is the payload that the
-- envelope is sealed for, so an envelope that is put beside another export proves nothing.
CREATE TABLE public.exports (
  tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
  id uuid NOT NULL,
  owner uuid NOT NULL,
  envelope text CHECK (octet_length(envelope) BETWEEN 1 AND 16384),
  due_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  itineraries json,
  refusal text CHECK (char_length(refusal) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT exports_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT exports_owner FOREIGN KEY (tenant_id, owner) REFERENCES public.users (tenant_id, id),
  CONSTRAINT exports_state CHECK (num_nonnulls(envelope, itineraries, refusal) = 1)
);
CREATE INDEX exports_of ON public.exports (tenant_id, owner, id);
CREATE INDEX exports_due ON public.exports (tenant_id, due_at) WHERE envelope IS NOT NULL;
ALTER TABLE public.exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.exports FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON public.exports AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON public.exports AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
