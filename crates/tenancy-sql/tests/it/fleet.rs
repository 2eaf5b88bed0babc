//! Migrations over a few databases: what stops a run, what does not, and what is held.

use std::{sync::Mutex, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{
    AssertSqlSafe, Executor,
    migrate::{Migrate, Migrator},
};
use tempfile::TempDir;
use tenancy_core::{Location, SecretRef};
use tenancy_sql::fleet::{
    Class, Ended, Event, Failure, Fleet, FleetList, FleetOptions, Outcome, Pin, RunRecord, RunReport, Stop,
    Wave,
};
use tenancy_testkit::Database;

use crate::support::{as_superuser, connect, database_of, notes};

/// Migrations in a folder, and databases `d0`, `d1`, … behind files.
pub(crate) struct Run {
    folder: TempDir,
    list: FleetList,
}

pub(crate) struct Ready<'r> {
    pub(crate) fleet: Fleet,
    run: &'r Run,
}

impl Run {
    pub(crate) fn new(migrations: &[&str], databases: &[&Database]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = |(n, database): (usize, &&Database)| {
            let file = folder.path().join(format!("url-{n}"));
            std::fs::write(&file, database.owner_url.expose_secret()).unwrap();
            (
                format!("d{n}").parse::<Location>().unwrap(),
                SecretRef::File(file),
            )
        };
        let locations = databases.iter().enumerate().map(place).collect();
        let role = databases[0].runtime_role.parse().unwrap();
        let run = Self {
            list: FleetList::new(locations, role),
            folder,
        };
        std::fs::create_dir(run.path("migrations")).unwrap();
        for (version, text) in (1..).zip(migrations) {
            std::fs::write(run.path(&format!("migrations/{version}_m.sql")), text).unwrap();
        }
        run
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

pub(crate) async fn fleet_of<'r>(
    run: &'r Run,
    change: impl FnOnce(&mut FleetList, &mut FleetOptions),
) -> Ready<'r> {
    let mut options = FleetOptions {
        attempts: 2,
        retry_delay: Duration::from_millis(50),
        busy_wait: Duration::from_millis(300),
        lock_timeout: Duration::from_millis(300),
        connect_timeout: Duration::from_secs(5),
        ..FleetOptions::default()
    };
    let mut list = run.list.clone();
    change(&mut list, &mut options);
    let migrations = Migrator::new(run.path("migrations")).await.unwrap();
    Ready {
        fleet: Fleet::new(list, migrations, options),
        run,
    }
}

impl Ready<'_> {
    pub(crate) async fn run_now(&self) -> RunReport {
        self.run_until(&Stop::default(), &|_| {}).await
    }

    async fn run_until(&self, stop: &Stop, tell: &(dyn Fn(Event<'_>) + Sync)) -> RunReport {
        let mut record = RunRecord::open(&self.run.path("record"), &self.fleet).unwrap();
        self.fleet.run(&mut record, stop, tell).await.unwrap()
    }
}

/// The text of the migration that every database of the template has.
fn first() -> String {
    notes().iter().next().unwrap().sql.as_str().to_owned()
}

fn classes(report: &RunReport) -> Vec<(&str, Class)> {
    report
        .failed()
        .map(|(location, failure)| (location.as_str(), failure.class.clone()))
        .collect()
}

async fn versions(database: &Database) -> Vec<i64> {
    let mut superuser = connect(&database.superuser_url).await;
    let text = "SELECT version FROM _sqlx_migrations ORDER BY 1";
    sqlx::query_scalar(text).fetch_all(&mut superuser).await.unwrap()
}

async fn three() -> [Database; 3] {
    [
        database_of("fleet").await,
        database_of("fleet").await,
        database_of("fleet").await,
    ]
}

const COLUMN: &str = "ALTER TABLE notes ADD COLUMN more text";

#[tokio::test]
async fn a_database_that_is_down_or_held_stops_no_other() {
    let all = three().await;
    let run = Run::new(&[&first(), COLUMN], &[&all[0], &all[1], &all[2]]);
    std::fs::write(run.path("url-0"), "postgres://u:p@127.0.0.1:1/none").unwrap();
    let mut other = connect(&all[1].owner_url).await;
    // sqlx's own migrator is another migrator
    other.lock().await.unwrap();
    let ready = fleet_of(&run, |_, options| options.waves = vec![Wave::Rest]).await;
    let report = ready.run_now().await;
    assert_eq!(report.ended, Ended::Whole);
    assert_eq!(classes(&report), [("d0", Class::Down), ("d1", Class::Busy)]);
    assert_eq!(versions(&all[2]).await, [1, 2]);

    other.unlock().await.unwrap();
    std::fs::write(run.path("url-0"), all[0].owner_url.expose_secret()).unwrap();
    let report = ready.run_now().await;
    assert_eq!((report.ended, report.databases.len()), (Ended::Whole, 3));
    assert_eq!(versions(&all[1]).await, [1, 2]);
    let survey = ready.fleet.survey().await;
    assert!(survey.is_even(), "{survey}");
}

#[tokio::test]
async fn a_wave_that_fails_is_the_last_and_what_failed_comes_first_when_it_is_resumed() {
    let all = three().await;
    as_superuser(&all[1], "ALTER TABLE notes ADD COLUMN more int").await;
    let run = Run::new(&[&first(), COLUMN], &[&all[0], &all[1], &all[2]]);
    let one_by_one = |_: &mut FleetList, options: &mut FleetOptions| {
        options.waves = vec![Wave::Count(1), Wave::Rest];
        options.parallel = 1;
    };
    let ready = fleet_of(&run, one_by_one).await;
    let report = ready.run_now().await;
    let refused = Class::Refused(2, "42701".to_owned());
    assert_eq!(report.ended, Ended::Failing(refused.clone()));
    assert_eq!((classes(&report), report.left), (vec![("d1", refused)], 1));
    assert_eq!(versions(&all[2]).await, [1], "it was begun");

    as_superuser(&all[1], "ALTER TABLE notes DROP COLUMN more").await;
    let order = Mutex::new(Vec::new());
    let tell = |event: Event<'_>| {
        if let Event::Database { location, .. } = event {
            order.lock().unwrap().push(location.to_string());
        }
    };
    let report = ready.run_until(&Stop::default(), &tell).await;
    assert_eq!(report.ended, Ended::Whole);
    assert_eq!(order.into_inner().unwrap(), ["d0", "d1", "d2"]);
    let Outcome::Done(done) = &report.databases[&"d0".parse::<Location>().unwrap()] else {
        panic!("{report:?}");
    };
    assert!(done.applied.is_empty());
}

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
async fn a_lock_that_is_not_had_is_tried_again_and_then_reported() {
    let all = three().await;
    let run = Run::new(&[&first(), COLUMN], &[&all[0]]);
    let ready = fleet_of(&run, |_, options| options.waves = vec![Wave::Rest]).await;
    let mut reader = connect(&all[0].superuser_url).await;
    reader.execute("BEGIN; SELECT count(*) FROM notes").await.unwrap();
    let report = ready.run_now().await;
    assert_eq!(classes(&report), [("d0", Class::Locked(2))]);
    // it is had in the second attempt
    let (report, ()) = tokio::join!(ready.run_now(), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        reader.execute("ROLLBACK").await.unwrap();
    });
    assert_eq!(report.ended, Ended::Whole);
    assert_eq!(versions(&all[0]).await, [1, 2]);
}

#[tokio::test]
async fn what_was_changed_or_is_not_known_or_not_finished_is_not_touched() {
    for (fault, class) in [
        ("UPDATE _sqlx_migrations SET checksum = 'x'", Class::Changed(1)),
        (
            "UPDATE _sqlx_migrations SET success = false",
            Class::Unfinished(1),
        ),
        ("UPDATE _sqlx_migrations SET version = 9", Class::Unknown(9)),
    ] {
        let database = database_of("fleet").await;
        as_superuser(&database, fault).await;
        let run = Run::new(&[&first(), COLUMN], &[&database]);
        let ready = fleet_of(&run, |_, _| {}).await;
        let report = ready.run_now().await;
        assert_eq!(classes(&report), [("d0", class.clone())], "{fault}");
        let survey = ready.fleet.survey().await;
        let failure = survey.databases[0].failure.clone();
        assert_eq!(failure.map(|failure| failure.class), Some(class));
    }
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

#[tokio::test]
async fn a_run_that_is_asked_to_ends_what_runs_and_two_runs_do_not_share_a_record() {
    let all = three().await;
    let run = Run::new(&[&first(), COLUMN], &[&all[0], &all[1], &all[2]]);
    let ready = fleet_of(&run, |_, options| {
        options.waves = vec![Wave::Rest];
        options.parallel = 1;
    })
    .await;
    let stop = Stop::default();
    let tell = |event: Event<'_>| {
        if let Event::Database { .. } = event {
            stop.ask();
        }
    };
    let report = ready.run_until(&stop, &tell).await;
    assert_eq!(
        (report.ended, report.databases.len(), report.left),
        (Ended::Asked, 1, 2)
    );

    let held = RunRecord::open(&run.path("record"), &ready.fleet).unwrap();
    assert_eq!(held.resumed(), Some(1));
    let second = RunRecord::open(&run.path("record"), &ready.fleet).unwrap_err();
    assert!(second.to_string().contains("another run"), "{second}");
    drop(held);
    // a line that was half written is none, and does not spoil the next
    let torn = std::fs::read_to_string(run.path("record")).unwrap() + "{\"databa";
    std::fs::write(run.path("record"), torn).unwrap();
    assert_eq!(ready.run_now().await.ended, Ended::Whole);
    assert_eq!(
        RunRecord::open(&run.path("record"), &ready.fleet)
            .unwrap()
            .resumed(),
        Some(1)
    );
}

#[tokio::test]
async fn a_failure_says_what_the_server_said_but_for_rows() {
    let database = database_of("fleet").await;
    let fill = "INSERT INTO notes (tenant_id, id, body) VALUES ('01890000-0000-7000-8000-000000000001', gen_random_uuid(), 'hunter2')";
    as_superuser(&database, fill).await;
    for (text, expect) in [
        ("SELECT 'hunter2'::int", "SQLSTATE 22P02"),
        ("SELECT * FROM nothing", "relation \"nothing\" does not exist"),
    ] {
        let run = Run::new(&[&first(), text], &[&database]);
        let report = fleet_of(&run, |_, _| {}).await.run_now().await;
        let (_, failure): (_, &Failure) = report.failed().next().unwrap();
        assert_eq!(failure.detail, expect);
    }
}
