//! Every fence calls this function; a changed one opens them all.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "tenant_function",
    level: Level::ERROR,
    title: "the function of the SDK is missing or changed",
    why: "All policies of the SDK compare with tenancy.current_tenant(). It is strict, STABLE, without a SET clause, and names everything in full.",
    reference: "https://www.postgresql.org/docs/current/xfunc-volatility.html",
    sql: concat!(
        "SELECT 'tenancy.current_tenant()', 'is missing or is not the one of the migrations',
               'CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS '
               '$$ SELECT pg_catalog.current_setting(''app.current_tenant'')::pg_catalog.uuid $$'
        FROM arg
        WHERE arg.function = 'tenancy.current_tenant()' AND NOT EXISTS (
            SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'tenancy' AND p.proname = 'current_tenant' AND p.pronargs = 0
              AND p.prorettype = 'uuid'::regtype AND p.provolatile = 's' AND p.proconfig IS NULL
              AND (NOT p.prosecdef AND btrim(p.prosrc) = 'SELECT pg_catalog.current_setting(''app.current_tenant'')::pg_catalog.uuid'
                   OR p.prosecdef AND p.prosrc = $seal$",
        include_str!("../../../seal/sql/current_tenant.sql"),
        "$seal$))"
    ),
    faults: &[
        Fault { sql: "CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT pg_catalog.gen_random_uuid()'", says: "tenancy.current_tenant()", also: &[] },
    ],
};
