//! Whose each row is, told without the fence: by the keys that the shop had before.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, postgres::PgConnection};
use tenancy_testkit::Database;

use crate::support::connect;

/// Each table, and what leads from its row `x` to an account.
const LEADS: &[(&str, &str, &str)] = &[
    ("accounts", "", "x.id"),
    ("users", "", "x.account_id"),
    ("settings", "", "x.account_id"),
    ("teams", "", "x.account_id"),
    ("memberships", "JOIN users u ON u.id = x.user_id", "u.account_id"),
    ("customers", "", "x.account_id"),
    (
        "addresses",
        "JOIN customers c ON c.id = x.customer_id",
        "c.account_id",
    ),
    ("categories", "", "x.account_id"),
    ("products", "", "x.account_id"),
    (
        "product_tags",
        "JOIN products p ON p.id = x.product_id",
        "p.account_id",
    ),
    (
        r#""Order""#,
        r#"JOIN customers c ON c.id = x."customerId""#,
        "c.account_id",
    ),
    ("order_lines", ORDER, "c.account_id"),
    ("shipments", ORDER, "c.account_id"),
    ("invoices", ORDER, "c.account_id"),
    ("payments", PAYMENT, "c.account_id"),
    (
        "refunds",
        r#"JOIN payments y ON y.id = x.payment_id JOIN invoices i ON i.id = y.invoice_id
           JOIN "Order" o ON o."Id" = i.order_id JOIN customers c ON c.id = o."customerId""#,
        "c.account_id",
    ),
    ("events", "", "x.account_id"),
    (
        "attachments",
        r#"LEFT JOIN "Order" o ON o."Id" = x.order_id JOIN customers c ON c.id = coalesce(o."customerId", x.customer_id)"#,
        "c.account_id",
    ),
    ("notes", "", "x.account"),
    ("audit_trail", "JOIN users u ON u.id = x.user_id", "u.account_id"),
    ("sessions", "JOIN users u ON u.id = x.user_id", "u.account_id"),
    ("visits", "", "x.account_id"),
    (ODD, "", r#"x."acc'ount""#),
];
const ORDER: &str = r#"JOIN "Order" o ON o."Id" = x.order_id JOIN customers c ON c.id = o."customerId""#;
const PAYMENT: &str = r#"JOIN invoices i ON i.id = x.invoice_id JOIN "Order" o ON o."Id" = i.order_id
    JOIN customers c ON c.id = o."customerId""#;
pub(super) const ODD: &str = "\"Odd Schema\".\"o\"\"dd; DROP TABLE public.jobs; --\n'$body$\"";

/// Rows by table and tenant.
pub(super) type Counts = BTreeMap<(&'static str, uuid::Uuid), i64>;

/// As the superuser, by the shop's own keys.
pub(super) async fn expected(database: &Database) -> Counts {
    let mut superuser = connect(&database.superuser_url).await;
    let mut counts = Counts::new();
    for (table, joins, account) in LEADS {
        let text = format!(
            "SELECT a.uid, count(*) FROM {table} x {joins} JOIN accounts a ON a.id = {account} GROUP BY a.uid"
        );
        let rows: Vec<(uuid::Uuid, i64)> = sqlx::query_as(AssertSqlSafe(text))
            .fetch_all(&mut superuser)
            .await
            .unwrap();
        counts.extend(rows.into_iter().map(|(tenant, rows)| ((*table, tenant), rows)));
    }
    counts
}

/// What each tenant sees as the role that serves; and that no row is another's.
pub(super) async fn seen(database: &Database) -> Counts {
    let mut superuser = connect(&database.superuser_url).await;
    let tenants: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT uid FROM accounts")
        .fetch_all(&mut superuser)
        .await
        .unwrap();
    let mut runtime = connect(&database.runtime_url).await;
    let mut counts = Counts::new();
    for tenant in tenants {
        scope(&mut runtime, tenant).await;
        for (table, ..) in LEADS {
            let text =
                format!("SELECT count(*), count(*) FILTER (WHERE tenant_id <> '{tenant}') FROM {table}");
            let (own, foreign): (i64, i64) = sqlx::query_as(AssertSqlSafe(text))
                .fetch_one(&mut runtime)
                .await
                .unwrap();
            assert_eq!(foreign, 0, "{table} shows {tenant} rows of others");
            if own > 0 {
                counts.insert((table, tenant), own);
            }
        }
    }
    counts
}

pub(super) async fn scope(runtime: &mut PgConnection, tenant: uuid::Uuid) {
    sqlx::query("SELECT set_config('app.current_tenant', $1, false)")
        .bind(tenant.to_string())
        .execute(runtime)
        .await
        .unwrap();
}

/// The rows of all tables.
pub(super) async fn total(database: &Database) -> i64 {
    let mut superuser = connect(&database.superuser_url).await;
    let mut total = 0;
    for (table, ..) in LEADS {
        let text = format!("SELECT count(*) FROM {table}");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(text))
            .fetch_one(&mut superuser)
            .await
            .unwrap();
        total += rows;
    }
    total
}
