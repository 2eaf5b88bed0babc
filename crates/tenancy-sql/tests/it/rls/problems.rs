//! What must be decided or mended first is said, all of it at once, and nothing is changed.

use sqlx::{AssertSqlSafe, Executor};
use tenancy_sql::rls::{ApplyError, Declaration, Kept, Phase, Plan, PlanError, TenantPath};

use super::shop::{declared, fence, reasoned, shop};
use crate::support::{as_superuser, connect};

/// What is changed before, and what is said.
const PROBLEMS: &[(&str, &str)] = &[
    (
        "CREATE TABLE lonely (id int)",
        "`public.lonely` is not reached from a root",
    ),
    (
        "CREATE TABLE mine (id int, account_id bigint REFERENCES accounts, tenant_id int)",
        "`tenant_id` of type integer",
    ),
    ("CREATE TABLE heir () INHERITS (visits)", "inherits from a table"),
    (
        "ALTER TABLE jobs ADD account_id bigint REFERENCES accounts",
        "is no tenant's, and `jobs_account_id_fkey`",
    ),
    (
        "CREATE VIEW grouped AS SELECT u.*, count(*) FROM users u JOIN sessions s ON s.user_id = u.id GROUP BY u.id",
        "a view groups by (public.grouped)",
    ),
    (
        "ALTER TABLE visits ADD at int4range, ADD EXCLUDE USING gist (at WITH &&)",
        "exclusion constraint `visits_at_excl`",
    ),
    (
        "ALTER TABLE visits ADD user_id bigint REFERENCES users ON UPDATE SET NULL",
        "ON UPDATE SET NULL",
    ),
    (
        "CREATE INDEX users_pkey_tenant ON users (email)",
        "would be replaced by `users_pkey_tenant`",
    ),
];

async fn said(database: &tenancy_testkit::Database, declared: &Declaration) -> String {
    let mut owner = connect(&database.owner_url).await;
    match Plan::new(&mut owner, declared).await {
        Err(error @ PlanError::Problems(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_problem_is_named_with_its_remedy() {
    for (change, expect) in PROBLEMS {
        let database = shop("rls_problems", 100).await;
        let mut owner = connect(&database.owner_url).await;
        owner.execute(*change).await.unwrap();
        let said = said(&database, &declared(&database)).await;
        assert!(said.contains(expect), "{change}: {said}");
    }
}

/// What the role that will serve must not be.
#[tokio::test]
async fn a_role_that_can_take_the_fence_away_is_refused() {
    for (change, expect) in [
        ("ALTER TABLE visits OWNER TO {role}", "owns `public.visits`"),
        ("GRANT {owner} TO {role}", "may act as its owner"),
        ("ALTER ROLE {role} BYPASSRLS", "sees past every fence"),
    ] {
        let database = shop("rls_role", 100).await;
        let (role, owner) = (&database.runtime_role, &database.owner_role);
        let fill = |text: &str| text.replace("{role}", role).replace("{owner}", owner);
        as_superuser(&database, &fill(change)).await;
        let said = said(&database, &declared(&database)).await;
        as_superuser(
            &database,
            &fill("REVOKE {owner} FROM {role}; ALTER ROLE {role} NOBYPASSRLS"),
        )
        .await;
        assert!(said.contains(expect), "{change}: {said}");
    }
}

#[tokio::test]
async fn a_wrong_declaration_is_refused() {
    let database = shop("rls_problems", 100).await;
    let check = async |change: &dyn Fn(&mut Declaration), expect: &str| {
        let mut declared = declared(&database);
        change(&mut declared);
        let said = said(&database, &declared).await;
        assert!(said.contains(expect), "{expect}: {said}");
    };
    check(&|it| it.roots.clear(), "has no root").await;
    check(&|it| it.roots[0].tenant = None, "has no column of type uuid").await;
    check(
        &|it| it.globals.push(reasoned("nowhere", "x")),
        "`nowhere` is no table",
    )
    .await;
    check(
        &|it| it.skipped.push(reasoned("payments_2025", "x")),
        "is a partition",
    )
    .await;
    check(&|it| it.globals[0].reason = " ".into(), "without a reason").await;
    check(&|it| it.paths[0].key = vec!["name".into()], "leads nowhere").await;
    check(
        &|it| it.role = "nobody_here".parse().unwrap(),
        "CREATE ROLE nobody_here",
    )
    .await;
    check(
        &|it| it.globals.push(reasoned("settings", "x")),
        "makes it refer to",
    )
    .await;
}

#[tokio::test]
async fn rows_that_belong_to_nobody_or_to_two_stop_it() {
    let database = shop("rls_problems", 100).await;
    let mut superuser = connect(&database.superuser_url).await;
    superuser
        .execute("INSERT INTO notes (account, body) VALUES (999, 'lost'), (998, 'lost')")
        .await
        .unwrap();
    let declared = declared(&database);
    match fence(&database, &declared, Phase::Enforce).await.unwrap_err() {
        ApplyError::Orphans { table, rows } => assert_eq!((table.as_str(), rows), ("public.notes", 2)),
        other => panic!("{other}"),
    }
    superuser
        .execute("DELETE FROM notes WHERE body = 'lost'")
        .await
        .unwrap();
    // a product of account 2 in an order of account 1
    let cross = r#"UPDATE order_lines SET product_id = 1 WHERE (order_id, line) = (SELECT "Id", 1 FROM "Order" WHERE "customerId" = 10 LIMIT 1)"#;
    superuser.execute(cross).await.unwrap();
    match fence(&database, &declared, Phase::Enforce).await.unwrap_err() {
        ApplyError::Crossing { table, rows, query } => {
            assert_eq!((table.as_str(), rows), ("public.order_lines", 1));
            assert_eq!(superuser.fetch_all(AssertSqlSafe(query)).await.unwrap().len(), 1);
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_is_kept_stays_and_is_noted() {
    let database = shop("rls_problems", 100).await;
    let mut declared = declared(&database);
    declared.kept.push(Kept {
        table: "users".into(),
        name: "users_email_key".into(),
        reason: "the login comes before the tenant".into(),
    });
    fence(&database, &declared, Phase::Enforce).await.unwrap();
    let mut owner = connect(&database.owner_url).await;
    let plan = Plan::new(&mut owner, &declared).await.unwrap();
    let noted = |note: &&tenancy_sql::rls::Note| note.text.contains("the login comes before the tenant");
    assert_eq!(plan.notes.iter().filter(noted).count(), 1);
    let kept: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_indexes WHERE indexname = 'users_email_key' AND indexdef LIKE '%(email)'",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(kept, 1);
}

/// A table that two roots are reached from, until a path says whose it is and the other reference is kept.
#[tokio::test]
async fn two_roots_need_a_choice() {
    let database = shop("rls_problems", 100).await;
    let mut owner = connect(&database.owner_url).await;
    let partners = "CREATE TABLE partners (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
        CREATE TABLE deals (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, partner uuid NOT NULL REFERENCES partners)";
    owner.execute(partners).await.unwrap();
    let mut declared = declared(&database);
    declared.roots.push(tenancy_sql::rls::Root {
        table: "partners".into(),
        tenant: None,
        generate: false,
    });
    let problem = said(&database, &declared).await;
    assert!(
        problem.contains("leads to different roots") && problem.contains("deals_partner_fkey"),
        "{problem}"
    );
    declared.paths.push(TenantPath {
        table: "deals".into(),
        via: Some("deals_account_id_fkey".into()),
        columns: vec![],
        parent: None,
        key: vec![],
    });
    for (table, name) in [("deals", "deals_partner_fkey"), ("partners", "partners_pkey")] {
        declared.kept.push(Kept {
            table: table.into(),
            name: name.into(),
            reason: "a partner is shown to accounts".into(),
        });
    }
    fence(&database, &declared, Phase::Enforce).await.unwrap();
}
