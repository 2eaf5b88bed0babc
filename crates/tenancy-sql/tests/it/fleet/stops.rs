//! What stops a run, and what does not.

use super::*;

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
    let (all, last) = (three().await, database_of("fleet").await);
    as_superuser(&all[2], "ALTER TABLE notes ADD COLUMN more int").await;
    let run = Run::new(&[&first(), COLUMN], &[&all[0], &all[1], &all[2], &last]);
    let one_by_one = |_: &mut FleetList, options: &mut FleetOptions| {
        options.waves = vec![Wave::Count(1), Wave::Count(2), Wave::Rest];
        options.parallel = 1;
    };
    let ready = fleet_of(&run, one_by_one).await;
    let report = ready.run_now().await;
    let refused = Class::Refused(2, "42701".to_owned());
    assert_eq!(report.ended, Ended::Failing(refused.clone()));
    assert_eq!((classes(&report), report.left), (vec![("d2", refused)], 1));
    assert_eq!(versions(&last).await, [1], "it was begun");

    as_superuser(&all[2], "ALTER TABLE notes DROP COLUMN more").await;
    let order = Mutex::new(Vec::new());
    let tell = |event: Event<'_>| {
        if let Event::Database { location, .. } = event {
            order.lock().unwrap().push(location.to_string());
        }
    };
    let report = ready.run_until(&Stop::default(), &tell).await;
    assert_eq!(report.ended, Ended::Whole);
    assert_eq!(order.into_inner().unwrap(), ["d0", "d2", "d1", "d3"]);
    let Outcome::Done(done) = &report.databases[&"d0".parse::<Location>().unwrap()] else {
        panic!("{report:?}");
    };
    assert!(done.applied.is_empty());
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
    // it is had in a later attempt: no one of them waits so long
    let patient = fleet_of(&run, |_, options| {
        options.attempts = 8;
        options.lock_timeout = Duration::from_millis(50);
    })
    .await;
    let (report, ()) = tokio::join!(patient.run_now(), async {
        tokio::time::sleep(Duration::from_millis(1000)).await;
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

#[tokio::test]
async fn as_many_as_may_fail_in_one_way_are_begun_and_the_wave_is_the_last() {
    let all = three().await;
    for database in &all[..2] {
        as_superuser(database, "ALTER TABLE notes ADD COLUMN more int").await;
    }
    let run = Run::new(&[&first(), COLUMN], &[&all[0], &all[1], &all[2]]);
    for (may_fail, left) in [(1, 2), (2, 1), (3, 0)] {
        let ready = fleet_of(&run, |_, options| {
            options.waves = vec![Wave::Rest];
            options.parallel = 1;
            options.same_failures = may_fail;
        })
        .await;
        let report = ready.run_now().await;
        assert_eq!(
            (report.left, report.ended),
            (left, Ended::Failing(Class::Refused(2, "42701".to_owned())))
        );
    }
}
