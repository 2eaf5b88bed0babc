-- Every change announces itself, and says nothing: a version that carries no meaning, on the channel
-- `tenancy_core::registry::CHANNEL`. Who hears it asks again, within what it may ask.

CREATE FUNCTION registry.announce() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    PERFORM pg_notify('tenancy_registry', gen_random_uuid()::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registry.tenants
    FOR EACH STATEMENT EXECUTE FUNCTION registry.announce();
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registry.users
    FOR EACH STATEMENT EXECUTE FUNCTION registry.announce();
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registry.user_tenants
    FOR EACH STATEMENT EXECUTE FUNCTION registry.announce();
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registry.deployments
    FOR EACH STATEMENT EXECUTE FUNCTION registry.announce();

-- belt and braces beside the default privileges of 0001: whatever was made so far is the owner's alone
REVOKE ALL ON ALL TABLES IN SCHEMA registry FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;
