//! Schemas of others: another column, another setting, inline or through a helper, of any usual type.

use sqlx::{AssertSqlSafe, Connection, Executor};
use tenancy_sql::{
    PoolOptions,
    audit::{Auditor, Convention, Probe, Report, Severity},
};

use crate::support::{Cell, as_superuser, connect, options};

/// A schema of somebody else: `orders`, fenced by what `{value}` says.
const SCHEMA: &str = "DROP TABLE notes; DROP SCHEMA tenancy CASCADE; CREATE SCHEMA app; {helper};
    CREATE TABLE orders (org {type} NOT NULL DEFAULT {default}, id uuid NOT NULL, PRIMARY KEY (org, id));
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY; ALTER TABLE orders FORCE ROW LEVEL SECURITY;
    CREATE POLICY rows ON orders USING ({using});
    CREATE POLICY wall ON orders AS RESTRICTIVE USING ({using});
    GRANT USAGE ON SCHEMA app TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO {role}";

struct Schema {
    kind: &'static str,
    helper: &'static str,
    default: &'static str,
    using: &'static str,
}

async fn audit(schema: &Schema, fault: &str) -> Report {
    let cell = Cell::of("foreign", PoolOptions::default()).await;
    let text = SCHEMA
        .replace("{helper}", schema.helper)
        .replace("{type}", schema.kind)
        .replace("{default}", schema.default)
        .replace("{using}", schema.using);
    let text = format!("{text};{fault}").replace("{role}", &cell.database.runtime_role);
    as_superuser(&cell.database, &text).await;
    let convention = Convention {
        column: "org".to_owned(),
        setting: "app.org".to_owned(),
        ..Convention::usual()
    };
    let auditor = Auditor::new()
        .convention(convention)
        .role(cell.database.runtime_role.clone());
    let report = auditor.run(&options(&cell.database.superuser_url)).await.unwrap();
    assert_eq!(report.tenant_tables, 1);
    report
}

const HELPER: &str = "CREATE FUNCTION app.org() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT pg_catalog.current_setting('app.org')::uuid $$";

fn inline(kind: &'static str, default: &'static str, using: &'static str) -> Schema {
    Schema {
        kind,
        helper: "SELECT 1",
        default,
        using,
    }
}

fn helped(helper: &'static str, using: &'static str) -> Schema {
    Schema {
        kind: "uuid",
        helper,
        default: "app.org()",
        using,
    }
}

#[tokio::test]
async fn a_fence_is_known_in_whatever_form() {
    let uuid = "(current_setting('app.org')::uuid)";
    for schema in [
        inline("uuid", uuid, "org = (SELECT current_setting('app.org')::uuid)"),
        inline(
            "uuid",
            uuid,
            "(SELECT current_setting('app.org', true)::uuid) = org",
        ),
        inline(
            "uuid",
            uuid,
            "org = (SELECT nullif(current_setting('app.org', true), '')::uuid)",
        ),
        inline(
            "uuid",
            uuid,
            "org = nullif((SELECT current_setting('app.org', true)), '')::uuid",
        ),
        inline(
            "uuid",
            uuid,
            "id IS NOT NULL AND org = (SELECT current_setting('app.org')::uuid) AND id::text <> ')('",
        ),
        inline(
            "uuid",
            uuid,
            "org = (SELECT nullif(current_setting('app.org', true), ''))::uuid",
        ),
        inline(
            "uuid",
            uuid,
            "org = (SELECT current_setting('app.org')::uuid) AND id IS NOT NULL",
        ),
        inline(
            "uuid",
            uuid,
            "id IS NOT NULL AND org = (SELECT current_setting('app.org')::uuid)",
        ),
        inline(
            "bigint",
            "(current_setting('app.org')::bigint)",
            "org = (SELECT current_setting('app.org')::bigint)",
        ),
        inline(
            "varchar(36)",
            "nullif(current_setting('app.org'), '')",
            "org = (SELECT nullif(current_setting('app.org', true), ''))",
        ),
        inline(
            "text",
            "nullif(current_setting('app.org'), '')",
            "org = (SELECT nullif(current_setting('app.org', true), ''))",
        ),
        helped(HELPER, "org = (SELECT app.org())"),
        helped(
            "CREATE FUNCTION app.org() RETURNS uuid STABLE RETURN current_setting('app.org')::uuid",
            "org = (SELECT app.org())",
        ),
    ] {
        let report = audit(&schema, "").await;
        let worse: Vec<_> = report.at_least(Severity::Warning).collect();
        assert!(worse.is_empty(), "{}: {worse:#?}", schema.using);
        let notes: Vec<_> = report.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(notes, ["activity_visible"], "{}", schema.using);
    }
}

#[tokio::test]
async fn what_looks_like_a_fence_and_is_none_is_found() {
    let uuid = "(current_setting('app.org')::uuid)";
    for (schema, fault, rule) in [
        // an unset tenant is a tenant
        (
            inline(
                "text",
                "current_setting('app.org')",
                "org = (SELECT current_setting('app.org', true))",
            ),
            "",
            "policy_strict",
        ),
        // somebody else's setting
        (
            inline("uuid", uuid, "org = (SELECT current_setting('app.user')::uuid)"),
            "",
            "policy_widens",
        ),
        // below an OR, a NOT, a COALESCE, a comparison
        (
            inline(
                "uuid",
                uuid,
                "id IS NULL OR org = (SELECT current_setting('app.org')::uuid)",
            ),
            "",
            "policy_widens",
        ),
        (
            inline(
                "uuid",
                uuid,
                "NOT (org = (SELECT current_setting('app.org')::uuid))",
            ),
            "",
            "policy_widens",
        ),
        (
            inline(
                "uuid",
                uuid,
                "coalesce(true, id IS NULL AND org = (SELECT current_setting('app.org')::uuid))",
            ),
            "",
            "policy_widens",
        ),
        (
            inline(
                "uuid",
                uuid,
                "(id IS NULL) = (id IS NULL AND org = (SELECT current_setting('app.org')::uuid))",
            ),
            "",
            "policy_widens",
        ),
        (
            inline(
                "uuid",
                uuid,
                "EXISTS (SELECT FROM pg_class WHERE org = (SELECT current_setting('app.org')::uuid)) OR true",
            ),
            "",
            "policy_widens",
        ),
        (
            inline(
                "uuid",
                uuid,
                "id IS NULL OR (id IS NOT NULL AND org = (SELECT current_setting('app.org')::uuid) AND id IS NOT NULL)",
            ),
            "",
            "policy_widens",
        ),
        // any tenant when none is set
        (
            inline(
                "uuid",
                uuid,
                "org = coalesce(nullif(current_setting('app.org', true), '')::uuid, org)",
            ),
            "",
            "policy_widens",
        ),
        (
            helped(
                "CREATE FUNCTION app.org() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid'",
                "org = (SELECT app.org())",
            ),
            "",
            "policy_widens",
        ),
        (
            helped(HELPER, "org = (SELECT app.org())"),
            "ALTER FUNCTION app.org() VOLATILE",
            "policy_volatile",
        ),
        (
            helped(HELPER, "org = (SELECT app.org())"),
            "ALTER FUNCTION app.org() IMMUTABLE",
            "policy_folded",
        ),
        (helped(HELPER, "org = app.org()"), "", "policy_initplan"),
        (
            inline("uuid", uuid, "org = current_setting('app.org')::uuid"),
            "",
            "policy_initplan",
        ),
        (
            inline("uuid", uuid, "org = (SELECT current_setting('app.org')::uuid)"),
            "DROP POLICY wall ON orders",
            "policy_wall",
        ),
    ] {
        let report = audit(&schema, fault).await;
        let found = report.findings.iter().any(|finding| finding.rule == rule);
        assert!(found, "{} {fault}: {:#?}", schema.using, report.findings);
    }
}

#[tokio::test]
async fn an_audit_of_nothing_is_not_a_clean_one() {
    let cell = Cell::of("foreign", PoolOptions::default()).await;
    let column = Convention {
        column: "no_such_column".to_owned(),
        ..Convention::usual()
    };
    for auditor in [
        Auditor::new().convention(column),
        Auditor::new().schemas(["no_such_schema".to_owned()]),
    ] {
        let auditor = auditor.probe(Probe::Off);
        let report = auditor.run(&options(&cell.database.runtime_url)).await.unwrap();
        assert!(
            report
                .findings
                .iter()
                .any(|finding| finding.rule == "nothing_fenced")
        );
    }
}

#[tokio::test]
async fn names_that_have_to_be_quoted_are() {
    let cell = Cell::of("foreign", PoolOptions::default()).await;
    let mut superuser = connect(&cell.database.superuser_url).await;
    let text = format!(
        "CREATE TABLE \"Odd \"\"name'\" (\"Org Id\" uuid, id int); GRANT SELECT ON \"Odd \"\"name'\" TO {}",
        cell.database.runtime_role
    );
    superuser.execute(AssertSqlSafe(text)).await.unwrap();
    superuser.close().await.unwrap();
    let convention = Convention {
        column: "Org Id".to_owned(),
        setting: "app.o'org".to_owned(),
        ..Convention::usual()
    };
    let auditor = Auditor::new()
        .convention(convention)
        .role(cell.database.runtime_role.clone());
    let report = auditor.run(&options(&cell.database.superuser_url)).await.unwrap();
    let off = report
        .findings
        .iter()
        .find(|finding| finding.rule == "table_rls_off")
        .unwrap();
    assert_eq!(off.object, "public.\"Odd \"\"name'\"");
}
