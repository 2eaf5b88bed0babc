//! What each rule refuses, and what it lets pass.

use super::{Reading, read_texts};
use crate::rls::TenantTable;

fn read(texts: &[&str], after: i64) -> Reading {
    let alone = |text: &str| text.starts_with("-- no-transaction");
    let texts = (1..)
        .zip(texts)
        .map(|(version, text)| (version, *text, alone(text)));
    read_texts(texts, after)
}

/// The rules that the last of these migrations breaks.
fn check(texts: &[&str], expect: &[&str]) {
    let hazards = read(texts, 0).hazards;
    let last = i64::try_from(texts.len()).unwrap();
    let found = hazards
        .iter()
        .filter(|one| one.migration == last && one.waived.is_none());
    let found: Vec<_> = found.map(|one| one.rule).collect();
    assert_eq!(found, expect, "{texts:?}: {hazards:?}");
}

#[test]
fn each_rule_refuses_and_lets_the_safe_way_pass() {
    let cases: &[(&str, &[&str])] = &[
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", &["set_not_null"]),
        (
            "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()",
            &["column_rewrites"],
        ),
        (
            "ALTER TABLE t ADD COLUMN a timestamptz DEFAULT clock_timestamp()",
            &["column_rewrites"],
        ),
        ("ALTER TABLE t ADD a bigserial", &["column_rewrites"]),
        (
            "ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED",
            &["column_rewrites"],
        ),
        ("ALTER TABLE t ADD COLUMN a int UNIQUE", &["column_rewrites"]),
        ("ALTER TABLE t ADD COLUMN a int NOT NULL", &["column_rewrites"]),
        (
            "ALTER TABLE t ADD COLUMN a timestamptz NOT NULL DEFAULT now()",
            &[],
        ),
        ("ALTER TABLE t ADD COLUMN a varchar(9) DEFAULT 'x'", &[]),
        ("ALTER TABLE t ADD COLUMN a numeric(9, 2), ADD COLUMN b text", &[]),
        (
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
            &["constraint_scans"],
        ),
        ("ALTER TABLE t ADD CHECK (a > 0)", &["constraint_scans"]),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID", &[]),
        (
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (b)",
            &["constraint_scans"],
        ),
        ("ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)", &["constraint_scans"]),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", &["constraint_scans"]),
        ("ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i", &[]),
        (
            "ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)",
            &["constraint_scans"],
        ),
        (
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c",
            &["constraint_scans"],
        ),
        ("CREATE INDEX i ON t (a)", &["index_blocks"]),
        ("CREATE UNIQUE INDEX i ON ONLY s.t (a)", &["index_blocks"]),
        ("REINDEX TABLE t", &["index_blocks"]),
        ("DROP INDEX i", &["index_blocks"]),
        (
            "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
            &[],
        ),
        ("-- no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS i", &[]),
        (
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
            &["transaction"],
        ),
        (
            "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a)",
            &["transaction"],
        ),
        (
            "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a); SELECT 1",
            &["transaction", "transaction"],
        ),
        ("ALTER TABLE t ALTER a TYPE bigint", &["table_rewrites"]),
        (
            "ALTER TABLE t ALTER COLUMN a SET DATA TYPE bigint USING a::bigint",
            &["table_rewrites"],
        ),
        ("ALTER TABLE t SET UNLOGGED", &["table_rewrites"]),
        ("ALTER TABLE t SET TABLESPACE fast", &["table_rewrites"]),
        (
            "ALTER TYPE pair ALTER ATTRIBUTE a TYPE text CASCADE",
            &["table_rewrites"],
        ),
        ("ALTER TYPE mood ADD VALUE 'glad'", &[]),
        ("CLUSTER t USING i", &["table_rewrites"]),
        ("-- no-transaction\nVACUUM (FULL) t", &["table_rewrites"]),
        ("LOCK TABLE t IN SHARE MODE", &["table_locks"]),
        ("TRUNCATE t", &["table_locks"]),
        ("REFRESH MATERIALIZED VIEW m", &["table_locks"]),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", &[]),
        ("ALTER TABLE t DETACH PARTITION p", &["table_locks"]),
        ("DROP TABLE t", &["contract"]),
        ("ALTER TABLE t DROP COLUMN a", &["contract"]),
        ("ALTER TABLE t DROP a", &["contract"]),
        ("ALTER TABLE t RENAME a TO b", &["contract"]),
        ("ALTER TABLE IF EXISTS ONLY t RENAME TO u", &["contract"]),
        ("ALTER TABLE t SET SCHEMA s", &["contract"]),
        ("DROP FUNCTION f(int)", &["contract"]),
        ("ALTER VIEW v RENAME TO w", &["contract"]),
        ("ALTER TABLE t DROP CONSTRAINT c", &[]),
        ("ALTER TABLE t ALTER a DROP NOT NULL, ALTER b DROP DEFAULT", &[]),
        ("ALTER TABLE t NO FORCE ROW LEVEL SECURITY", &["fence_weakened"]),
        ("ALTER TABLE t DISABLE ROW LEVEL SECURITY", &["fence_weakened"]),
        ("DROP POLICY tenant_wall ON t", &["fence_weakened"]),
        ("ALTER ROLE app BYPASSRLS", &["fence_weakened"]),
        ("GRANT SELECT ON t TO PUBLIC", &["fence_weakened"]),
        ("BEGIN", &["transaction"]),
        ("SET search_path = s", &["transaction"]),
        ("SET LOCAL search_path = s", &["transaction"]),
        ("SET LOCAL lock_timeout = '1s'", &[]),
        ("SET ROLE other", &["transaction"]),
        ("DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$", &["opaque"]),
        ("DO $$ BEGIN ALTER TABLE t DROP a; END $$", &["opaque"]),
        ("DO $$ BEGIN PERFORM 'drop'; -- drop\n END $$", &[]),
        ("CREATE MATERIALIZED VIEW m AS SELECT 1", &["table_unfenced"]),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", &["table_unfenced"]),
        ("CREATE VIEW v WITH (security_invoker = true) AS SELECT 1", &[]),
        ("CREATE TABLE t AS SELECT 1", &["table_unfenced"]),
        ("SELECT 1 INTO t", &["table_unfenced"]),
        ("CREATE TABLE t (id int)", &["table_unfenced"]),
        (
            "CREATE TABLE t (tenant_id uuid, PRIMARY KEY (tenant_id))",
            &["table_unfenced"],
        ),
        (
            "CREATE FOREIGN TABLE t (tenant_id uuid) SERVER s",
            &["table_unfenced"],
        ),
        ("CREATE TEMP TABLE t (id int)", &[]),
        ("CREATE TABLE p PARTITION OF t FOR VALUES IN (1)", &[]),
        ("SELECT 'DROP TABLE t; LOCK t' -- ; DROP TABLE t", &[]),
        ("SELECT 'a", &["unreadable"]),
    ];
    for (text, expect) in cases {
        check(&[text], expect);
    }
}

#[test]
fn what_is_rendered_is_fenced_and_may_have_all_that_a_new_table_has() {
    let table = TenantTable::new("public", "trips").unwrap();
    let text = table.column("id", "uuid").unwrap().key(&["id"]).unwrap().render();
    let more =
        format!("{text} CREATE INDEX i ON trips (tenant_id, id); ALTER TABLE trips ALTER id SET NOT NULL");
    check(&[&text], &[]);
    check(&[&more], &[]);
    for part in ["ENABLE", "FORCE", "tenant_rows", "tenant_wall"] {
        let statements = text.split_inclusive(';').filter(|one| !one.contains(part));
        let less: String = statements.collect();
        check(&[&less], &["table_unfenced"]);
    }
    // it may be there already
    let maybe = text.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS");
    check(
        &[&format!("{maybe} CREATE INDEX i ON trips (id)")],
        &["index_blocks"],
    );
}

#[test]
fn a_column_that_is_proven_may_become_not_null() {
    let add = "ALTER TABLE t ADD CONSTRAINT a_set CHECK (a IS NOT NULL) NOT VALID";
    let validate = "ALTER TABLE t VALIDATE CONSTRAINT a_set";
    let set = "ALTER TABLE t ALTER a SET NOT NULL";
    check(&[add, validate, set], &[]);
    check(&[add, "ALTER TABLE public.t VALIDATE CONSTRAINT a_set", set], &[]);
    check(&[add, set], &["set_not_null"]);
    check(
        &[add, validate, "ALTER TABLE t DROP CONSTRAINT a_set", set],
        &["set_not_null"],
    );
    check(
        &[&add.replace("a IS NOT NULL", "a IS NOT NULL OR b"), validate, set],
        &["set_not_null"],
    );
}

#[test]
fn marks_waive_with_a_reason_and_no_more() {
    let index = "CREATE INDEX i ON t (a)";
    check(
        &[&format!("-- tenancy: allow index_blocks: it is small\n{index}")],
        &[],
    );
    check(
        &[&format!(
            "-- tenancy: allow index_blocks: it is small\n{index}; {index}"
        )],
        &["index_blocks"],
    );
    for mark in [
        "allow index_blocks:",
        "allow index_blocks",
        "allow no_rule: x",
        "contract since 9: x",
    ] {
        check(
            &[&format!("-- tenancy: {mark}\n{index}")],
            &["mark", "index_blocks"],
        );
    }
    check(
        &["-- tenancy: allow fence_weakened: x\nDROP POLICY p ON t"],
        &["mark", "fence_weakened"],
    );
    let drop = "-- tenancy: contract since 1: release 1 was the last reader\nALTER TABLE t DROP a";
    check(&["SELECT 1", drop], &[]);
    check(&[drop], &["mark", "contract"]);
    let reading = read(&["SELECT 1", drop], 0);
    assert_eq!(reading.contracts, [(2, 1)]);
    assert_eq!(reading.dropped.len(), 1);
}

#[test]
fn a_table_that_is_waived_is_global_and_older_ones_are_not_linted() {
    let texts = [
        "CREATE TABLE old (id int)",
        "-- tenancy: allow table_unfenced: countries are everybody's\nCREATE TABLE countries (id int)",
    ];
    assert_eq!(read(&texts, 0).hazards.len(), 2);
    let reading = read(&texts, 1);
    let global: Vec<_> = reading.global.iter().map(ToString::to_string).collect();
    assert_eq!(global, ["public.countries", "public.old"]);
    assert!(reading.hazards.iter().all(|one| one.waived.is_some()));
}
