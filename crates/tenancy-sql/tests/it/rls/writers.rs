//! Those who use the shop while it is fenced: none of their statements may fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, postgres::PgConnection};
use tokio::task::JoinSet;

use crate::support::connect;

/// One of these for each account.
pub(super) struct Writers {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Tally>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) rounds: u64,
    /// The longest that one round took.
    pub(super) longest: Duration,
}

/// How the application is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// It knows no tenants.
    Before,
    /// It sets the tenant, and names it where it names a key.
    After,
}

impl Writers {
    pub(super) fn start(url: &SecretString, style: Style, accounts: impl IntoIterator<Item = i64>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for account in accounts {
            tasks.spawn(write(url.clone(), style, account, Arc::clone(&stop)));
        }
        Self { stop, tasks }
    }

    /// Fails when one of them did.
    pub(super) async fn stop(mut self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        while let Some(tally) = self.tasks.join_next().await {
            let tally = tally.unwrap();
            all.rounds += tally.rounds;
            all.longest = all.longest.max(tally.longest);
        }
        all
    }
}

async fn write(url: SecretString, style: Style, account: i64, stop: Arc<AtomicBool>) -> Tally {
    let mut connection = connect(&url).await;
    let mut tally = Tally::default();
    let mut orders = Vec::new();
    for round in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let begun = Instant::now();
        let order = round_of(&mut connection, style, account, round, &orders)
            .await
            .unwrap_or_else(|error| panic!("a writer failed in round {round}: {error}"));
        tally.rounds += 1;
        tally.longest = tally.longest.max(begun.elapsed());
        orders.push(order);
        if orders.len() > 5 {
            orders.remove(0);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tally
}

/// Two transactions that write to every table, move rows, delete some, and leave some behind. An order's id comes back.
async fn round_of(
    connection: &mut PgConnection,
    style: Style,
    account: i64,
    round: i64,
    orders: &[i64],
) -> sqlx::Result<i64> {
    let mut tx = begin(connection, style, account).await?;
    let (users, settings) = match style {
        Style::Before => ("email", "account_id"),
        Style::After => ("tenant_id, email", "tenant_id, account_id"),
    };
    let mail = format!("{account}.{round}.{}@example.com", uuid::Uuid::now_v7());
    // a product of the account's, as the shop was filled
    let product = if account == 1 { 10 } else { account + 9 };
    let id = async |tx: &mut PgConnection, text: String| -> sqlx::Result<i64> {
        sqlx::query_scalar(AssertSqlSafe(text))
            .persistent(false)
            .fetch_one(tx)
            .await
    };
    let a = account;
    let user = id(&mut tx, format!("INSERT INTO users (account_id, email) VALUES ({a}, 'w{a}.{}@example.com') ON CONFLICT ({users}) DO UPDATE SET manager_id = NULL RETURNING id", round % 7)).await?;
    let team = id(
        &mut tx,
        format!("INSERT INTO teams (account_id, name, lead_id) VALUES ({a}, '{mail}', {user}) RETURNING id"),
    )
    .await?;
    let customer = id(
        &mut tx,
        format!(
            "INSERT INTO customers (account_id, country, email) VALUES ({a}, 'JP', '{mail}') RETURNING id"
        ),
    )
    .await?;
    let order = id(
        &mut tx,
        format!(r#"INSERT INTO "Order" ("customerId", "No") VALUES ({customer}, '{mail}') RETURNING "Id""#),
    )
    .await?;
    let invoice = id(
        &mut tx,
        format!("INSERT INTO invoices (order_id, cents) VALUES ({order}, 5) RETURNING id"),
    )
    .await?;
    let day = if round % 2 == 0 {
        "2025-03-04"
    } else {
        "2026-03-04"
    };
    let payment = id(
        &mut tx,
        format!(
            "INSERT INTO payments (paid_at, invoice_id, cents) VALUES ('{day}', {invoice}, 5) RETURNING id"
        ),
    )
    .await?;
    tx.commit().await?;
    let mut tx = begin(connection, style, account).await?;
    let mut more = vec![
        format!(
            "INSERT INTO settings VALUES ({a}, 'light') ON CONFLICT ({settings}) DO UPDATE SET theme = excluded.theme"
        ),
        format!("INSERT INTO memberships (team_id, user_id) VALUES ({team}, {user})"),
        format!("INSERT INTO addresses (customer_id, line) VALUES ({customer}, 'x')"),
        format!(
            "INSERT INTO order_lines (order_id, line, product_id, amount) VALUES ({order}, 1, {product}, 1), ({order}, 2, {product}, 1)"
        ),
        format!("INSERT INTO shipments (order_id, line, state) VALUES ({order}, 2, 'new')"),
        format!("INSERT INTO refunds (payment_id, paid_at, cents) VALUES ({payment}, '{day}', 1)"),
        format!("INSERT INTO events (account_id, kind) VALUES ({a}, 'buy'), ({a}, 'view')"),
        format!("INSERT INTO attachments (order_id, name) VALUES ({order}, 'a')"),
        format!("INSERT INTO attachments (customer_id, name) VALUES ({customer}, 'a')"),
        format!("INSERT INTO notes (account, body) VALUES ({a}, 'n')"),
        format!("INSERT INTO audit_trail (user_id, what) VALUES ({user}, 'w')"),
        format!("INSERT INTO sessions (token, user_id) VALUES (gen_random_uuid(), {user})"),
        format!("INSERT INTO visits (account_id, path) VALUES ({a}, '/')"),
        format!(
            "INSERT INTO categories (account_id, name, parent_id) VALUES ({a}, 'c', {})",
            a + 9
        ),
        format!("UPDATE products SET stock = stock + 1 WHERE id = {product}"),
        format!("UPDATE customers SET deleted = true WHERE id = {customer}"),
        format!(
            "UPDATE payments SET paid_at = '2030-01-01' WHERE id = {payment} AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment_id = payments.id)"
        ),
    ];
    if round % 3 == 0 {
        more.push(format!("DELETE FROM users WHERE id = {user}"));
    }
    match orders {
        [first, .., last] if round % 2 == 0 => {
            more.push(format!(r#"DELETE FROM "Order" WHERE "Id" = {first}"#));
            more.push(format!(
                r#"UPDATE "Order" SET "customerId" = {customer} WHERE "Id" = {last}"#
            ));
        }
        _ => {}
    }
    if style == Style::Before && round % 10 == 0 {
        let new = id(
            &mut tx,
            "INSERT INTO accounts (name) VALUES ('new') RETURNING id".into(),
        )
        .await?;
        more.push(format!(
            "INSERT INTO users (account_id, email) VALUES ({new}, 'first.{mail}')"
        ));
    }
    for text in more {
        sqlx::query(AssertSqlSafe(text))
            .persistent(false)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(order)
}

async fn begin(
    connection: &mut PgConnection,
    style: Style,
    account: i64,
) -> sqlx::Result<sqlx::Transaction<'_, sqlx::Postgres>> {
    let mut tx = connection.begin().await?;
    if style == Style::After {
        sqlx::query("SELECT set_config('app.current_tenant', $1, true)")
            .bind(tenant_of(account).to_string())
            .execute(&mut *tx)
            .await?;
    }
    Ok(tx)
}

/// The shop's first ten accounts have these tenants.
pub(super) fn tenant_of(account: i64) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 + u128::try_from(account).unwrap())
}
