//! The suite goes red, and names the cell: for each way in which a fence can be broken.

use tenancy_testkit::isolation::{Isolation, IsolationError, Report, Setting, Verb};

use crate::harness::{Cell, Schema, as_superuser};

type Place = (&'static str, Verb, Setting);

/// What is broken, as the superuser, and cells that must fail for it.
const FAULTS: &[(&str, &[Place])] = &[
    (
        "ALTER TABLE comments DISABLE ROW LEVEL SECURITY",
        &[
            ("public.comments", Verb::Select, Setting::Other),
            ("public.comments", Verb::Select, Setting::None),
            ("public.comments", Verb::Insert, Setting::Empty),
            ("public.comments", Verb::Update, Setting::Own),
            ("public.comments", Verb::Reassign, Setting::Own),
            ("public.comments", Verb::Delete, Setting::Other),
            ("public.comments", Verb::Upsert, Setting::Other),
            ("public.comments", Verb::CopyTable, Setting::Other),
            ("public.comments", Verb::CopyQuery, Setting::Empty),
            ("public.comments", Verb::CopyFrom, Setting::Other),
        ],
    ),
    (
        "DROP POLICY tenant_wall ON likes; CREATE POLICY open ON likes FOR SELECT USING (true)",
        &[
            ("public.likes", Verb::Select, Setting::Other),
            ("public.likes", Verb::Select, Setting::None),
        ],
    ),
    (
        "ALTER POLICY tenant_wall ON likes WITH CHECK (true); ALTER POLICY tenant_rows ON likes WITH CHECK (true)",
        &[
            ("public.likes", Verb::Insert, Setting::Other),
            ("public.likes", Verb::Reassign, Setting::Own),
        ],
    ),
    // a fence that lets nobody through is no fence that works
    (
        "DROP POLICY tenant_rows ON likes",
        &[("public.likes", Verb::Select, Setting::Own)],
    ),
    (
        "GRANT TRUNCATE ON likes TO {role}",
        &[("public.likes", Verb::Truncate, Setting::Own)],
    ),
    (
        "CREATE VIEW peek AS SELECT * FROM comments; GRANT SELECT ON peek TO {role}",
        &[
            ("public.peek", Verb::Select, Setting::Other),
            ("public.peek", Verb::CopyQuery, Setting::None),
        ],
    ),
    (
        "CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid LANGUAGE sql STABLE
         AS $$ SELECT nullif(current_setting('app.current_tenant', true), '')::uuid $$",
        &[
            ("public.likes", Verb::Select, Setting::None),
            ("public.likes", Verb::Select, Setting::Empty),
        ],
    ),
];

async fn cell(fault: &str) -> Cell {
    let cell = Cell::new(Schema::SOCIAL).await;
    as_superuser(
        &cell.database,
        &fault.replace("{role}", &cell.database.runtime_role),
    )
    .await;
    cell
}

async fn isolation(cell: &Cell) -> Result<Isolation, IsolationError> {
    let [own, other] = cell.tenants();
    Isolation::of(&cell.database, own, other).await
}

fn fails(report: &Report, (table, verb, setting): Place) -> bool {
    report
        .failures()
        .any(|cell| (cell.table.as_str(), cell.verb, cell.setting) == (table, verb, setting))
}

#[tokio::test]
async fn each_broken_fence_fails_its_cells() {
    for (fault, cells) in FAULTS {
        let report = isolation(&cell(fault).await).await.unwrap().run().await.unwrap();
        for cell in *cells {
            assert!(fails(&report, *cell), "{fault}: {cell:?} holds\n{report}");
        }
    }
}

#[tokio::test]
async fn a_table_that_it_cannot_ask_about_is_named() {
    let check = async |fault: &str, says: &str| {
        let error = isolation(&cell(fault).await).await.unwrap_err();
        assert!(error.to_string().contains(says), "{fault}: {error}");
    };
    check(
        "CREATE TABLE plain (id int); GRANT SELECT ON plain TO {role}",
        "`public.plain` is reachable",
    )
    .await;
    check("GRANT SELECT (id) ON comments TO {role}; REVOKE ALL ON comments FROM {role}; GRANT SELECT (id) ON comments TO {role}", "`public.comments` is granted in parts").await;
    check("DELETE FROM likes", "`public.likes` has no row of the tenant").await;
    check(
        "REVOKE ALL ON comments, likes, tenancy.audit_log, tenancy.quota_usage, tenancy.quota_stores, \
         tenancy.quota_reservations FROM {role}",
        "reaches no table",
    )
    .await;
}

#[tokio::test]
async fn a_right_that_the_role_lacks_is_a_refusal_in_every_setting() {
    let cell = cell("REVOKE UPDATE, DELETE ON comments FROM {role}").await;
    let report = isolation(&cell).await.unwrap().run().await.unwrap();
    report.assert();
    let refused = report
        .cells
        .iter()
        .filter(|cell| cell.table == "public.comments" && cell.verb == Verb::Delete);
    assert!(
        refused.map(|cell| cell.seen.to_string()).eq(["42501"; 4]),
        "{report}"
    );
}

#[tokio::test]
#[should_panic = "must be demoted"]
async fn a_role_that_bypasses_row_level_security_is_not_asked() {
    // roles are the server's: this one is no other test's
    let cell = Cell::apart(Schema::SOCIAL, "bypassing").await;
    as_superuser(&cell.database, "ALTER ROLE bypassing_runtime BYPASSRLS").await;
    let _ = isolation(&cell).await;
}
