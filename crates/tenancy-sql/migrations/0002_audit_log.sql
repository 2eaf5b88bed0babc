-- What was done under a permit, written by the transaction that did it, for tenants whose plan has the audit log. The
-- runtime role reads its tenant's rows and adds to them; it changes and deletes none.
--
-- The columns are those of `tenancy_core::AuditRecord`. The role may write any row of its own tenant, so that a row proves
-- that a transaction of the tenant's wrote it, and the log stream of the SDK proves what was decided.
CREATE TABLE tenancy.audit_log (
    tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant() CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
    id        uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
    at        timestamptz NOT NULL,
    request   uuid NOT NULL,
    actor     text NOT NULL,
    role      text,
    via       text,
    reason    text,
    action    text NOT NULL,
    target    text,
    allowed   boolean NOT NULL,
    rule      text NOT NULL,
    policy    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_at ON tenancy.audit_log (tenant_id, at);
ALTER TABLE tenancy.audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON tenancy.audit_log AS PERMISSIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY tenant_wall ON tenancy.audit_log AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = (SELECT tenancy.current_tenant())) WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
COMMENT ON TABLE tenancy.audit_log IS 'What users did, in the transaction that did it.';
