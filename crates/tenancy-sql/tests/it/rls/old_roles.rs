//! An application that does not own its tables goes on until the end.

use sqlx::{AssertSqlSafe, Executor};
use tenancy_sql::rls::Phase;

use super::{
    oracle::scope,
    shop::{declared, fence, shop},
    writers::tenant_of,
};
use crate::support::{as_superuser, connect};

#[tokio::test]
async fn a_role_of_before_sees_all_rows_until_the_fence_is_enforced() {
    let database = shop("rls_old", 100).await;
    let role = "rls_old_web";
    let owner = &database.owner_role;
    as_superuser(
        &database,
        &format!("CREATE ROLE {role}; GRANT {role} TO {owner}; GRANT USAGE ON SCHEMA public TO {role}"),
    )
    .await;
    let mut declared = declared(&database);
    declared.old_roles.push(role.to_owned());
    let mut web = connect(&database.owner_url).await;
    web.execute(AssertSqlSafe(format!("SET ROLE {role}")))
        .await
        .unwrap();
    let all = web.fetch_all("SELECT * FROM users").await.unwrap().len();
    let write = "INSERT INTO users (account_id, email) VALUES (2, gen_random_uuid()::text)";

    fence(&database, &declared, Phase::Admit).await.unwrap();
    web.execute(write).await.unwrap();
    assert_eq!(
        web.fetch_all("SELECT id FROM users").await.unwrap().len(),
        all + 1
    );
    let mut runtime = connect(&database.runtime_url).await;
    assert!(
        runtime.execute("SELECT id FROM users").await.is_err(),
        "without a tenant"
    );
    scope(&mut runtime, tenant_of(1)).await;
    let own = runtime.fetch_all("SELECT id FROM users").await.unwrap().len();
    assert!(own > 0 && own < all, "{own} of {all}");

    fence(&database, &declared, Phase::Enforce).await.unwrap();
    assert!(web.execute("SELECT id FROM users").await.is_err());
    assert!(web.execute(write).await.is_err());
    assert_eq!(
        runtime.fetch_all("SELECT id FROM users").await.unwrap().len(),
        own
    );
}
