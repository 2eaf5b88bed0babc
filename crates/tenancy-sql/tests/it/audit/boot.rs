//! What a service is refused for at its start.

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tenancy_sql::{
    PoolOptions,
    audit::{Auditor, Severity},
};
use tenancy_testkit::{CountingProxy, Postgres};

use crate::support::{Cell, as_superuser, database, options};

#[tokio::test]
async fn a_fenced_database_is_served_from() {
    let cell = Cell::new().await;
    cell.write(&cell.alpha, "a").await;
    cell.databases.verify().await.unwrap();
    for (location, report) in cell.databases.audit().await.unwrap() {
        assert_eq!(report.findings, [], "{location}");
        assert_eq!((report.relations, report.tenant_tables), (5, 5));
    }
}

#[tokio::test]
async fn an_error_refuses_and_a_warning_does_not() {
    for (fault, refused) in [
        ("ALTER TABLE notes NO FORCE ROW LEVEL SECURITY", true),
        (
            "ALTER POLICY tenant_rows ON notes USING (tenant_id = tenancy.current_tenant())",
            false,
        ),
    ] {
        let cell = Cell::new().await;
        as_superuser(&cell.database, fault).await;
        let verdict = cell.databases.verify().await;
        assert_eq!(verdict.is_err(), refused, "{fault}: {verdict:?}");
        let said = verdict.map_or_else(|refusal| refusal.to_string(), |()| "cell-free-1.core".to_owned());
        assert!(said.contains("cell-free-1.core"), "{said}");
    }
}

/// What a role may do is the server's to say, and not one database's: a template, and so roles, of its own.
#[tokio::test]
async fn a_role_that_can_do_more_is_not_served_with() {
    let cell = Cell::of("more_rights", PoolOptions::default()).await;
    let (role, owner) = (&cell.database.runtime_role, &cell.database.owner_role);
    let name = &cell.database.name;
    cell.databases.verify().await.unwrap();
    for (more, less) in [
        (
            format!("ALTER ROLE {role} SUPERUSER"),
            format!("ALTER ROLE {role} NOSUPERUSER"),
        ),
        (
            format!("ALTER ROLE {role} BYPASSRLS"),
            format!("ALTER ROLE {role} NOBYPASSRLS"),
        ),
        (
            format!("ALTER TABLE notes OWNER TO {role}"),
            format!("ALTER TABLE notes OWNER TO {owner}"),
        ),
        (
            format!("GRANT {owner} TO {role}"),
            format!("REVOKE {owner} FROM {role}"),
        ),
        (
            format!("GRANT TEMPORARY ON DATABASE \"{name}\" TO PUBLIC"),
            format!("REVOKE TEMPORARY ON DATABASE \"{name}\" FROM PUBLIC"),
        ),
        (
            format!("GRANT CREATE ON SCHEMA public TO {role}"),
            format!("REVOKE CREATE ON SCHEMA public FROM {role}"),
        ),
    ] {
        as_superuser(&cell.database, &more).await;
        assert!(cell.databases.verify().await.is_err(), "{more}");
        as_superuser(&cell.database, &less).await;
    }
    cell.databases.verify().await.unwrap();
}

#[tokio::test]
async fn a_trigger_that_reads_past_the_fence_is_not_served_from() {
    let cell = Cell::new().await;
    cell.write(&cell.beta, "beta's").await;
    let spy = "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
            NEW.body := (SELECT string_agg(body, ',') FROM notes); RETURN NEW; END $$;
        REVOKE ALL ON FUNCTION spy() FROM PUBLIC;
        CREATE TRIGGER spy BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION spy()";
    as_superuser(&cell.database, spy).await;
    cell.write(&cell.alpha, "a").await;
    assert_eq!(
        cell.bodies(&cell.alpha).await,
        ["beta's"],
        "it does not leak, so this proves nothing"
    );
    assert!(cell.databases.verify().await.is_err());
}

#[tokio::test]
async fn a_rule_that_writes_past_the_fence_is_not_served_from() {
    let cell = Cell::new().await;
    cell.write(&cell.beta, "beta's").await;
    let rule = "CREATE VIEW open WITH (security_invoker = true) AS SELECT * FROM notes;
        CREATE RULE away AS ON DELETE TO open DO INSTEAD DELETE FROM notes RETURNING notes.*;
        GRANT SELECT, DELETE ON open TO PUBLIC";
    as_superuser(&cell.database, rule).await;
    let mut tx = cell
        .core
        .begin(&crate::support::permit(&cell.alpha))
        .await
        .unwrap();
    let gone = sqlx::query("DELETE FROM open").execute(&mut tx).await;
    tx.commit().await.unwrap();
    let left = cell.bodies(&cell.beta).await;
    assert!(
        left.is_empty(),
        "it does not leak, so this proves nothing: {gone:?} {left:?}"
    );
    assert!(cell.databases.verify().await.is_err());
}

#[tokio::test]
async fn what_stands_between_is_told_of() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let connect = options(&proxy.url(&database.runtime_url));
    let report = Auditor::new().run(&connect).await.unwrap();
    let rules: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (finding.rule, finding.severity))
        .collect();
    assert_eq!(rules, [("pooler_present", Severity::Note)]);
}

#[test]
fn the_findings_are_a_metric_and_what_is_mended_goes_back_to_0() {
    let recorder = DebuggingRecorder::new();
    let snapshot = recorder.snapshotter();
    let forced = || {
        let all = snapshot.snapshot().into_vec();
        let gauge = all.into_iter().find(|(key, ..)| {
            key.key().labels().any(|l| l.value() == "table_not_forced")
                && key.key().labels().any(|l| l.value() == "error")
        });
        gauge.map(|(key, _, _, value)| (key.key().name().to_owned(), value))
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let cell = Cell::new().await;
            for (statement, count) in [("NO FORCE", 1.0), ("FORCE", 0.0)] {
                as_superuser(
                    &cell.database,
                    &format!("ALTER TABLE notes {statement} ROW LEVEL SECURITY"),
                )
                .await;
                cell.databases.audit().await.unwrap();
                let expect = (
                    "tenancy_sql_audit_findings".to_owned(),
                    DebugValue::Gauge(count.into()),
                );
                assert_eq!(forced(), Some(expect));
            }
        });
    });
}
