//! What is held, refused, and proven in the catalog.

use super::*;

#[tokio::test]
async fn a_canary_comes_first_and_nothing_proven_is_the_end() {
    let all = three().await;
    let run = Run::new(&[&first(), COLUMN], &[&all[0], &all[1], &all[2]]);
    std::fs::write(run.path("url-2"), "postgres://u:p@127.0.0.1:1/none").unwrap();
    let canary =
        |_: &mut FleetList, options: &mut FleetOptions| options.canaries = vec!["d2".parse().unwrap()];
    let report = fleet_of(&run, canary).await.run_now().await;
    assert_eq!((report.ended, report.left), (Ended::NothingProven, 2));
    assert_eq!(versions(&all[0]).await, [1]);
}

#[tokio::test]
async fn a_pin_holds_until_its_day_is_over() {
    let all = three().await;
    let run = Run::new(&[&first(), COLUMN], &[&all[0], &all[1]]);
    let pin = |until: &str| Pin {
        location: "d0".parse().unwrap(),
        version: 1,
        reason: "frozen for an audit".to_owned(),
        until: until.parse().unwrap(),
    };
    let ready = fleet_of(&run, |list, _| list.pins = vec![pin("2999-01-01")]).await;
    let report = ready.run_now().await;
    assert_eq!(report.ended, Ended::Whole);
    let Outcome::Done(done) = &report.databases[&"d0".parse::<Location>().unwrap()] else {
        panic!("{report:?}");
    };
    assert!(done.held.as_ref().unwrap().contains("frozen for an audit"));
    assert_eq!(
        (versions(&all[0]).await, versions(&all[1]).await),
        (vec![1], vec![1, 2])
    );
    let survey = ready.fleet.survey().await;
    assert!(!survey.is_even());
    assert_eq!((survey.versions["1"], survey.versions["2"]), (1, 1));
    assert!(survey.to_string().contains("frozen for an audit"), "{survey}");

    let ready = fleet_of(&run, |list, _| list.pins = vec![pin("2020-01-01")]).await;
    assert_eq!(ready.run_now().await.ended, Ended::Whole);
    assert_eq!(versions(&all[0]).await, [1, 2]);
}

#[tokio::test]
async fn a_contract_step_waits_for_the_run_after_the_one_it_follows() {
    let all = three().await;
    let drop = "-- tenancy: contract since 2: release 2 reads `more`\nALTER TABLE notes DROP COLUMN body";
    let run = Run::new(&[&first(), COLUMN, drop], &[&all[0]]);
    let report = fleet_of(&run, |_, _| {}).await.run_now().await;
    let Outcome::Done(done) = report.databases.values().next().unwrap() else {
        panic!("{report:?}");
    };
    assert_eq!((done.to, done.applied.as_slice()), (Some(2), &[2][..]));
    assert!(done.held.as_ref().unwrap().contains("before 2"));
    fleet_of(&run, |_, _| {}).await.run_now().await;
    assert_eq!(versions(&all[0]).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_hazard_is_refused_before_anything_runs() {
    let all = three().await;
    let index = "CREATE INDEX i ON notes (tenant_id, body)";
    let run = Run::new(&[&first(), COLUMN, index], &[&all[0]]);
    let report = fleet_of(&run, |_, _| {}).await.run_now().await;
    let Ended::Hazards(hazards) = &report.ended else {
        panic!("{report:?}");
    };
    assert_eq!((hazards[0].migration, hazards[0].rule), (3, "index_blocks"));
    assert_eq!(versions(&all[0]).await, [1]);
    let old = fleet_of(&run, |_, options| options.lint_after = 3).await;
    assert_eq!(old.run_now().await.ended, Ended::Whole);
}

#[tokio::test]
async fn a_table_without_a_fence_is_found_in_the_catalog_and_gets_no_rights() {
    let all = three().await;
    // the text hides it from the lint
    let hidden =
        "-- tenancy: allow opaque: makes a table\nDO $$ BEGIN EXECUTE 'CREATE TABLE plain (id int)'; END $$";
    let run = Run::new(&[&first(), hidden], &[&all[0]]);
    let ready = fleet_of(&run, |_, _| {}).await;
    for _ in 0..2 {
        let report = ready.run_now().await;
        assert_eq!(report.ended, Ended::Failing(Class::Unproven));
        let (_, failure) = report.failed().next().unwrap();
        assert!(failure.detail.contains("public.plain"), "{failure}");
    }
    // what was declared is let pass
    let global =
        "-- tenancy: allow table_unfenced: countries are everybody's\nCREATE TABLE countries (id int)";
    let run = Run::new(&[&first(), global], &[&all[1]]);
    assert_eq!(
        fleet_of(&run, |_, _| {}).await.run_now().await.ended,
        Ended::Whole
    );
}

#[tokio::test]
async fn a_new_table_is_the_runtime_roles_to_use_even_when_a_run_ended_before_it_said_so() {
    let all = three().await;
    let table = tenancy_sql::rls::TenantTable::new("public", "trips").unwrap();
    let table = table.column("id", "uuid").unwrap().key(&["id"]).unwrap().render();
    let run = Run::new(&[&first(), &table], &[&all[0]]);
    let ready = fleet_of(&run, |_, _| {}).await;
    ready.run_now().await;
    let role = &all[0].runtime_role;
    as_superuser(&all[0], &format!("REVOKE ALL ON trips FROM {role}")).await;
    ready.run_now().await;
    let mut runtime = connect(&all[0].runtime_url).await;
    let count = "SET app.current_tenant = '01890000-0000-7000-8000-000000000001'; SELECT count(*) FROM trips";
    runtime.execute(AssertSqlSafe(count)).await.unwrap();
}

#[tokio::test]
async fn an_index_that_a_killed_run_left_half_made_is_made_again() {
    let database = database_of("fleet").await;
    let index =
        "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS notes_body ON notes (tenant_id, body)";
    let run = Run::new(&[&first(), index], &[&database]);
    // what a killed CREATE INDEX CONCURRENTLY leaves
    as_superuser(&database, "CREATE INDEX notes_body ON notes (tenant_id, body)").await;
    as_superuser(
        &database,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'notes_body'::regclass; \
         ALTER INDEX notes_body SET (fillfactor = 50)",
    )
    .await;
    let report = fleet_of(&run, |_, _| {}).await.run_now().await;
    assert_eq!(report.ended, Ended::Whole, "{report:?}");
    let mut superuser = connect(&database.superuser_url).await;
    let text = "SELECT indisvalid AND c.reloptions IS NULL FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'notes_body'";
    let made: bool = sqlx::query_scalar(text).fetch_one(&mut superuser).await.unwrap();
    assert!(made);
}
