//! Migrations and grants.

use sqlx::{Executor, Row};
use tenancy_sql::migrate;

use crate::support::{connect, database, notes};

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let database = database().await;
    let mut owner = connect(&database.owner_url).await;
    let role = database.runtime_role.parse().unwrap();
    migrate(&mut owner, &notes(), &role).await.unwrap();
    let applied = owner
        .fetch_one("SELECT count(*) FROM _sqlx_migrations")
        .await
        .unwrap();
    assert_eq!(applied.get::<i64, _>(0), 1);
}

#[tokio::test]
async fn the_runtime_role_reaches_fenced_tables_and_no_others() {
    let database = database().await;
    let mut runtime = connect(&database.runtime_url).await;
    for hidden in ["_sqlx_migrations", "tenancy_migrations"] {
        let text = sqlx::AssertSqlSafe(format!("SELECT * FROM {hidden}"));
        assert!(runtime.execute(text).await.is_err(), "{hidden}");
    }
    assert!(runtime.execute("CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid'").await.is_err());
}
