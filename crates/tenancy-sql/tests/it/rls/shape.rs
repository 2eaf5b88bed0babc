//! What a fenced schema looks like: fit for a cluster that is split by tenant, and the same as that of a new table.

use sqlx::{AssertSqlSafe, Executor};
use tenancy_sql::rls::{Phase, Root};

use super::{
    live::findings,
    oracle::{ODD, scope},
    shop::{declared, fence, shop},
    writers::tenant_of,
};
use crate::support::connect;

/// Nothing spans tenants: what Citus asks of a table that it distributes by `tenant_id`.
const SPANNING: &str = "
    WITH own AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                 WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'Odd Schema'))
    SELECT 'key ' || i.indexrelid::regclass FROM own JOIN pg_index i ON i.indrelid = own.oid
        WHERE i.indisunique AND pg_get_indexdef(i.indexrelid, 1, false) <> 'tenant_id'
    UNION ALL SELECT 'index ' || i.indexrelid::regclass FROM own JOIN pg_index i ON i.indrelid = own.oid
        JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am am ON am.oid = x.relam
        WHERE am.amname = 'btree' AND pg_get_indexdef(i.indexrelid, 1, false) <> 'tenant_id'
    UNION ALL SELECT 'invalid ' || i.indexrelid::regclass FROM own JOIN pg_index i ON i.indrelid = own.oid WHERE NOT i.indisvalid
    UNION ALL SELECT 'reference ' || k.conname FROM pg_constraint k JOIN own ON own.oid = k.conrelid
        WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid IN (SELECT oid FROM own) AND NOT (
            (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) = 'tenant_id'
            AND (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1]) = 'tenant_id'
            AND k.convalidated)
    UNION ALL SELECT 'unindexed ' || own.oid::regclass FROM own WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = own.oid
        AND pg_get_indexdef(i.indexrelid, 1, false) = 'tenant_id' AND i.indpred IS NULL)
    ORDER BY 1";

#[tokio::test]
async fn no_constraint_spans_tenants() {
    let database = shop("rls_shape", 100).await;
    fence(&database, &declared(&database), Phase::Enforce)
        .await
        .unwrap();
    let mut superuser = connect(&database.superuser_url).await;
    let spanning: Vec<String> = sqlx::query_scalar(SPANNING)
        .fetch_all(&mut superuser)
        .await
        .unwrap();
    assert_eq!(spanning, Vec::<String>::new());
    let own: i64 =
        sqlx::query_scalar("SELECT count(DISTINCT tablename) FROM pg_policies WHERE schemaname <> 'tenancy'")
            .fetch_one(&mut superuser)
            .await
            .unwrap();
    assert!(own >= 30, "tables and partitions: {own}");
}

/// As a tenant, as the role that serves: refused, or nothing.
const REFUSED: &[&str] = &[
    "UPDATE users SET tenant_id = '{other}' WHERE id = (SELECT min(id) FROM users)",
    "INSERT INTO notes (tenant_id, account, body) VALUES ('{other}', 2, 'x')",
    // an order of another tenant's exists, and can't be pointed at
    r#"INSERT INTO invoices (order_id, cents) SELECT i, 1 FROM generate_series(1, 400) i WHERE i NOT IN (SELECT "Id" FROM "Order")"#,
    "INSERT INTO countries VALUES ('XX', 'x')",
    "TRUNCATE users CASCADE",
    "SELECT * FROM sales",
    "SELECT * FROM jobs",
    "SELECT last_value FROM users_id_seq",
    "CREATE TEMP TABLE users (x int)",
    "SELECT tenancy.fill_1()",
];

#[tokio::test]
async fn the_role_reaches_its_tenants_rows_and_no_others() {
    let database = shop("rls_shape", 100).await;
    fence(&database, &declared(&database), Phase::Enforce)
        .await
        .unwrap();
    let mut runtime = connect(&database.runtime_url).await;
    // what knows no policy, or builds what knows none
    let past = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace \
                AND has_table_privilege(c.oid, 'TRUNCATE, REFERENCES, TRIGGER')";
    let past: Vec<String> = sqlx::query_scalar(past).fetch_all(&mut runtime).await.unwrap();
    assert_eq!(past, Vec::<String>::new());
    assert!(
        runtime.execute("SELECT * FROM users").await.is_err(),
        "without a tenant"
    );
    scope(&mut runtime, tenant_of(1)).await;
    for text in REFUSED {
        let text = text.replace("{other}", &tenant_of(2).to_string());
        assert!(
            runtime.execute(AssertSqlSafe(text.clone())).await.is_err(),
            "{text}"
        );
    }
    // a value that another tenant has is free
    let taken = "INSERT INTO users (account_id, email) SELECT 1, 'user1@example.com'";
    runtime.execute(taken).await.unwrap();
    for view in ["order_totals", "buyers"] {
        let rows = runtime
            .fetch_all(AssertSqlSafe(format!("SELECT * FROM {view}")))
            .await
            .unwrap();
        let all = connect(&database.superuser_url)
            .await
            .fetch_all(AssertSqlSafe(format!("SELECT * FROM {view}")))
            .await
            .unwrap();
        assert!(!rows.is_empty() && rows.len() < all.len(), "{view}");
    }
    assert_eq!(
        runtime.fetch_all("SELECT * FROM countries").await.unwrap().len(),
        2
    );
    runtime
        .execute(AssertSqlSafe(format!("DELETE FROM {ODD}")))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_fenced_is_served_from_and_its_owner_is_fenced_too() {
    let database = shop("rls_shape", 100).await;
    fence(&database, &declared(&database), Phase::Enforce)
        .await
        .unwrap();
    assert_eq!(findings(&database).await, Vec::<String>::new());
    let mut owner = connect(&database.owner_url).await;
    assert!(owner.execute("SELECT * FROM users").await.is_err());
    scope(&mut owner, tenant_of(1)).await;
    let foreign = format!("SELECT FROM users WHERE tenant_id <> '{}'", tenant_of(1));
    let seen = owner.fetch_all(AssertSqlSafe(foreign)).await.unwrap();
    assert!(seen.is_empty());
    // the wall holds against a careless policy beside it
    owner
        .execute("CREATE POLICY careless ON users USING (true)")
        .await
        .unwrap();
    let seen = owner.fetch_all("SELECT DISTINCT tenant_id FROM users").await;
    assert_eq!(seen.unwrap().len(), 1);
}

#[tokio::test]
async fn a_row_stays_with_its_tenant_even_for_a_superuser() {
    let database = shop("rls_shape", 100).await;
    fence(&database, &declared(&database), Phase::Enforce)
        .await
        .unwrap();
    let mut superuser = connect(&database.superuser_url).await;
    let moved = format!(
        "UPDATE visits SET tenant_id = '{}' WHERE account_id = 1",
        tenant_of(2)
    );
    let error = superuser.execute(AssertSqlSafe(moved)).await.unwrap_err();
    assert!(error.to_string().contains("stays with its tenant"), "{error}");
}

#[tokio::test]
async fn a_root_without_tenants_gets_them_made() {
    let database = shop("rls_shape", 100).await;
    let mut declared = declared(&database);
    declared.roots = vec![Root {
        table: "accounts".into(),
        tenant: None,
        generate: true,
    }];
    fence(&database, &declared, Phase::Enforce).await.unwrap();
    let mut superuser = connect(&database.superuser_url).await;
    let made: i64 = sqlx::query_scalar(
        "SELECT count(DISTINCT a.tenant_id) FROM accounts a JOIN users u ON u.account_id = a.id AND u.tenant_id = a.tenant_id
         WHERE a.tenant_id::text ~ '^.{14}7.{4}[89ab]'",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!(made, 10);
}
