//! Rows that move to another tenant before the fence stands.

use sqlx::Executor;
use tenancy_sql::rls::{Phase, TenantPath};

use super::{
    oracle::{expected, seen},
    shop::{declared, fence, shop},
    writers::tenant_of,
};
use crate::support::connect;

/// As an application that knows no tenants: a row alone, and one whose children were filled with the tenant it had.
const MOVES: &str = "
    UPDATE notes SET account = 2 WHERE id = (SELECT min(id) FROM notes WHERE account = 1);
    INSERT INTO customers (id, account_id, email) VALUES (100000, 1, 'moving');
    INSERT INTO addresses (customer_id, line) VALUES (100000, 'x');
    UPDATE customers SET account_id = 2 WHERE id = 100000;
    UPDATE attachments SET order_id = NULL, customer_id = 100000 WHERE id IN (2, 4)";

#[tokio::test]
async fn rows_that_move_are_followed_by_what_is_theirs() {
    let database = shop("rls_moving", 100).await;
    let declared = declared(&database);
    for phase in [Phase::Prepare, Phase::Backfill] {
        fence(&database, &declared, phase).await.unwrap();
        let mut owner = connect(&database.owner_url).await;
        owner.execute(MOVES).await.unwrap();
        owner
            .execute("UPDATE customers SET id = id + 1 WHERE id = 100000")
            .await
            .unwrap_err();
        owner
            .execute(
                "DELETE FROM attachments WHERE customer_id = 100000; DELETE FROM customers WHERE id = 100000",
            )
            .await
            .unwrap();
    }
    let mut owner = connect(&database.owner_url).await;
    owner.execute(MOVES).await.unwrap();
    fence(&database, &declared, Phase::Enforce).await.unwrap();
    assert_eq!(seen(&database).await, expected(&database).await);
}

/// No reference holds the parent, so that it moves until the last instance that sets no tenant is gone.
#[tokio::test]
async fn rows_on_a_declared_path_are_followed_to_the_end() {
    let database = shop("rls_moving", 100).await;
    let mut declared = declared(&database);
    declared.paths.push(TenantPath {
        table: "memos".into(),
        via: None,
        columns: vec!["customer".into()],
        parent: Some("customers".into()),
        key: vec!["id".into()],
    });
    let mut owner = connect(&database.owner_url).await;
    owner
        .execute(
            "CREATE TABLE memos (customer bigint NOT NULL);
             INSERT INTO customers (id, account_id, email) VALUES (100000, 1, 'moving');
             INSERT INTO memos VALUES (100000)",
        )
        .await
        .unwrap();
    fence(&database, &declared, Phase::Admit).await.unwrap();
    owner
        .execute("UPDATE customers SET account_id = 2 WHERE id = 100000")
        .await
        .unwrap();
    fence(&database, &declared, Phase::Enforce).await.unwrap();
    let mut superuser = connect(&database.superuser_url).await;
    let tenant: uuid::Uuid = sqlx::query_scalar("SELECT tenant_id FROM memos")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(tenant, tenant_of(2));
}
