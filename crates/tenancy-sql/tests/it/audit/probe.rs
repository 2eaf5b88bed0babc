//! What the catalog does not show, found by trying.

use tenancy_sql::{
    PoolOptions,
    audit::{Auditor, Convention, Probe, Report},
};

use crate::support::{Cell, as_superuser, options};

/// The auditor as whoever migrates, with the view of the role that serves.
async fn audit(cell: &Cell, probe: Probe) -> Report {
    let auditor = Auditor::new()
        .role(cell.database.runtime_role.clone())
        .probe(probe);
    auditor.run(&options(&cell.database.superuser_url)).await.unwrap()
}

async fn cell() -> Cell {
    let cell = Cell::of("probed", PoolOptions::default()).await;
    cell.write(&cell.alpha, "a").await;
    cell.write(&cell.beta, "b").await;
    cell
}

fn probes(report: &Report) -> Vec<(&str, String)> {
    let probes = report
        .findings
        .iter()
        .filter(|finding| finding.rule.starts_with("probe"));
    probes
        .map(|finding| (finding.rule, finding.problem.clone()))
        .collect()
}

#[tokio::test]
async fn nothing_is_shown_and_nothing_written_where_the_fence_stands() {
    let cell = cell().await;
    for probe in [Probe::Reads, Probe::Writes] {
        let report = audit(&cell, probe).await;
        assert_eq!(report.findings, [], "{probe:?}");
        let tried = report
            .unproven
            .iter()
            .any(|line| line.contains("tried on 1 of 5"));
        assert!(tried, "{:?}", report.unproven);
    }
    assert_eq!(cell.bodies(&cell.alpha).await, ["a"]);
    assert_eq!(cell.bodies(&cell.beta).await, ["b"]);
}

#[tokio::test]
async fn rows_that_are_shown_are_found() {
    let open = "DROP POLICY tenant_wall ON notes; ALTER POLICY tenant_rows ON notes USING";
    for (fault, expect) in [
        (
            "CREATE TABLE plain (id int); INSERT INTO plain VALUES (1); GRANT SELECT ON plain TO {role}"
                .to_owned(),
            vec!["probe_no_tenant", "probe_stranger"],
        ),
        (
            format!("{open} (true)"),
            vec!["probe_foreign", "probe_no_tenant", "probe_stranger"],
        ),
        // a tenant sees its own and those of one that shares with all
        (
            format!("{open} (tenant_id = tenancy.current_tenant() OR body = 'b')"),
            vec!["probe_foreign", "probe_stranger"],
        ),
        ("DROP POLICY tenant_rows ON notes".to_owned(), vec![]),
    ] {
        let cell = cell().await;
        as_superuser(
            &cell.database,
            &fault.replace("{role}", &cell.database.runtime_role),
        )
        .await;
        let report = audit(&cell, Probe::Reads).await;
        let rules: Vec<_> = probes(&report).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(rules, expect, "{fault}");
    }
}

#[tokio::test]
async fn rows_that_can_be_written_are_found_and_none_is() {
    let no_wall = "DROP POLICY tenant_wall ON notes;";
    let forged = |what: &str| ("probe_forged", what.to_owned());
    for (fault, expect) in [
        (
            "ALTER POLICY tenant_rows ON notes WITH CHECK (true)",
            vec![forged("takes a new row for another tenant")],
        ),
        // what an UPDATE leaves must be readable too
        (
            "CREATE POLICY given ON notes FOR UPDATE USING (tenant_id = tenancy.current_tenant()) WITH CHECK (true); CREATE POLICY seen ON notes FOR SELECT USING (true)",
            vec![
                ("probe_foreign", "shows a row of another tenant".to_owned()),
                forged("lets a row be given to another tenant"),
            ],
        ),
        (
            "CREATE POLICY gone ON notes FOR DELETE USING (true); CREATE POLICY seen ON notes FOR SELECT USING (true)",
            vec![
                ("probe_foreign", "shows a row of another tenant".to_owned()),
                forged("lets another tenant's row be deleted"),
            ],
        ),
    ] {
        let cell = cell().await;
        as_superuser(&cell.database, &format!("{no_wall}{fault}")).await;
        let report = audit(&cell, Probe::Writes).await;
        let mut found = probes(&report);
        found.retain(|(rule, _)| *rule == "probe_forged" || *rule == "probe_foreign");
        assert_eq!(found, expect, "{fault}");
        as_superuser(
            &cell.database,
            "DO $$ BEGIN ASSERT (SELECT count(*) FROM notes) = 2; END $$",
        )
        .await;
    }
}

#[tokio::test]
async fn no_trigger_is_fired_unless_writes_are_asked_for() {
    let cell = cell().await;
    as_superuser(
        &cell.database,
        "CREATE SEQUENCE fired; GRANT USAGE ON SEQUENCE fired TO PUBLIC",
    )
    .await;
    let trigger = "CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('public.fired'); RETURN NEW; END $$; \
        CREATE TRIGGER fire BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION fire()";
    as_superuser(&cell.database, trigger).await;
    for (probe, fired) in [(Probe::Off, false), (Probe::Reads, false), (Probe::Writes, true)] {
        audit(&cell, probe).await;
        // a sequence is not rolled back
        let check = format!("DO $$ BEGIN ASSERT (SELECT is_called FROM fired) = {fired}; END $$");
        as_superuser(&cell.database, &check).await;
    }
}

#[tokio::test]
async fn who_may_not_become_the_role_is_told_that_nothing_was_tried() {
    let cell = cell().await;
    let auditor = Auditor::new()
        .convention(Convention::ours())
        .role(cell.database.runtime_role.clone());
    let report = auditor.run(&options(&cell.database.owner_url)).await.unwrap();
    assert!(
        report
            .unproven
            .iter()
            .any(|line| line.contains("nothing was tried")),
        "{:?}",
        report.unproven
    );
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn a_role_that_is_not_there_is_an_error_and_not_a_clean_report() {
    let cell = cell().await;
    let auditor = Auditor::new().role("nobody_of_that_name");
    let error = auditor
        .run(&options(&cell.database.superuser_url))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no role `nobody_of_that_name`");
}
