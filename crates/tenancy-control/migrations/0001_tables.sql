-- The registry: who the tenants are, who belongs to them, and where their stores are.
--
-- The role that runs this owns the database and everything in it. No other role has any privilege on a table; what
-- deployments may ask, they ask through the functions of 0003.

DO $$
BEGIN
    -- temporary objects, and a schema that everybody may create in, are ways to be called instead of ours
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE 'REVOKE ALL ON SCHEMA public FROM PUBLIC';
    -- a function is everybody's to call unless its owner says otherwise, before it is made
    EXECUTE 'ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC';
END
$$;

REVOKE ALL ON SCHEMA registry FROM PUBLIC;

-- Names are given once. A slug or a user pool that returned to another tenant would bring the old one's links, tokens
-- and resources with it, so the claim outlives the tenant.
CREATE TABLE registry.claims (
    tenant_id       uuid PRIMARY KEY,
    slug            text NOT NULL,
    identity_tenant text NOT NULL,
    claimed_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT slug_taken UNIQUE (slug),
    CONSTRAINT identity_tenant_taken UNIQUE (identity_tenant),
    CONSTRAINT slug_shape CHECK (slug ~ '^[a-z][a-z0-9-]{1,18}[a-z0-9]$'),
    CONSTRAINT identity_tenant_shape CHECK (identity_tenant ~ '^[A-Za-z0-9-]{4,128}$'),
    CONSTRAINT claims_whole UNIQUE (tenant_id, slug, identity_tenant)
);

CREATE TABLE registry.tenants (
    id              uuid PRIMARY KEY,
    slug            text NOT NULL UNIQUE,
    name            varchar(255) NOT NULL,
    tier            varchar(20) NOT NULL,
    status          varchar(20) NOT NULL,
    identity_tenant text NOT NULL UNIQUE,
    custom_host     varchar(253),
    plan            jsonb,
    epoch           bigint NOT NULL,
    sql             jsonb NOT NULL,
    objects         jsonb NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenants_claim FOREIGN KEY (id, slug, identity_tenant)
        REFERENCES registry.claims (tenant_id, slug, identity_tenant),
    CONSTRAINT tenants_pool UNIQUE (id, identity_tenant),
    CONSTRAINT custom_host_taken UNIQUE (custom_host),
    CONSTRAINT tenant_id_v7 CHECK (substr(id::text, 15, 1) = '7'),
    CONSTRAINT name_shape CHECK (btrim(name) <> ''),
    CONSTRAINT tier_known CHECK (tier IN ('free', 'standard', 'enterprise')),
    CONSTRAINT status_known CHECK (status IN ('provisioning', 'active', 'suspended', 'moving', 'deleting')),
    CONSTRAINT custom_host_shape CHECK (custom_host ~ '^[a-z0-9.-]+$'),
    CONSTRAINT epoch_range CHECK (epoch >= 0),
    CONSTRAINT placement_shape CHECK (jsonb_typeof(sql) = 'object' AND jsonb_typeof(objects) = 'object'),
    CONSTRAINT plan_shape CHECK (jsonb_typeof(plan) = 'object')
);

-- Mirrors the identity provider's users. A user's id there is unique within its user pool only.
CREATE TABLE registry.users (
    id              uuid PRIMARY KEY,
    identity_tenant text NOT NULL REFERENCES registry.tenants (identity_tenant),
    firebase_uid    varchar(128) NOT NULL,
    email           varchar(255) NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_subject UNIQUE (identity_tenant, firebase_uid),
    CONSTRAINT users_pool UNIQUE (id, identity_tenant),
    CONSTRAINT firebase_uid_shape CHECK (firebase_uid <> ''),
    CONSTRAINT email_shape CHECK (email LIKE '_%@_%')
);

-- `identity_tenant` stands here so that the keys hold it: a member of a tenant is a user of that tenant's own pool.
CREATE TABLE registry.user_tenants (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL,
    tenant_id       uuid NOT NULL,
    identity_tenant text NOT NULL,
    role            varchar(50) NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_tenants_member UNIQUE (tenant_id, user_id),
    CONSTRAINT user_tenants_user FOREIGN KEY (user_id, identity_tenant)
        REFERENCES registry.users (id, identity_tenant),
    CONSTRAINT user_tenants_tenant FOREIGN KEY (tenant_id, identity_tenant)
        REFERENCES registry.tenants (id, identity_tenant),
    CONSTRAINT role_known CHECK (role IN ('owner', 'admin', 'member', 'readonly'))
);

CREATE INDEX user_tenants_user ON registry.user_tenants (user_id);

-- Which tenant a pinned deployment's role speaks for.
CREATE TABLE registry.deployments (
    role       name PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES registry.tenants (id),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX deployments_tenant ON registry.deployments (tenant_id);
