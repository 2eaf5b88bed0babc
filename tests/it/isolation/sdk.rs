//! Over the SDK: what a service's own statements can reach, however careless they are.
//!
//! The settings `none` and `empty` do not exist here: a handle without a context does not compile (`tests/ui`), and a
//! context without a tenant can't be made.

use sqlx::AssertSqlSafe;
use tenancy_core::TenantContext;
use tenancy_sql::SqlHandle;
use tenancy_testkit::isolation::{Case, Isolation, Outcome, Setting, Verb};

use crate::harness::{Cell, Schema, permit};

const TENANTS: [Setting; 2] = [Setting::Own, Setting::Other];
/// A session that reads can't write.
const READ_ONLY: &str = "25006";

async fn isolation(cell: &Cell) -> Isolation {
    let [own, other] = cell.tenants();
    Isolation::of(&cell.database, own, other).await.unwrap()
}

fn context<'c>(cell: &'c Cell, case: &Case) -> &'c TenantContext {
    if case.setting == Setting::Own {
        &cell.own
    } else {
        &cell.other
    }
}

/// In a transaction that is rolled back.
async fn writing(handle: &SqlHandle, ctx: &TenantContext, case: &Case) -> Outcome {
    let mut tx = handle.begin(&permit(ctx)).await.unwrap();
    let query = sqlx::query(AssertSqlSafe(case.statement.clone()));
    let outcome = if case.gives_rows() {
        query.fetch_all(&mut tx).await.and_then(|rows| case.rows(&rows))
    } else {
        query
            .execute(&mut tx)
            .await
            .map(|done| case.affected(done.rows_affected()))
    };
    tx.rollback().await.unwrap();
    outcome.unwrap_or_else(|error| Outcome::of_error(&error))
}

async fn reading(handle: &SqlHandle, ctx: &TenantContext, case: &Case) -> Outcome {
    let mut conn = handle.read(ctx).await.unwrap();
    let rows = sqlx::query(AssertSqlSafe(case.statement.clone()))
        .fetch_all(&mut conn)
        .await;
    rows.and_then(|rows| case.rows(&rows))
        .unwrap_or_else(|error| Outcome::of_error(&error))
}

/// `COPY` and `TRUNCATE` are no statements of a service: the SDK does not send them.
fn unsent(case: &Case, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Failed(why) if why.contains("a scoped connection takes SELECT") => case.expected[0].clone(),
        Outcome::Failed(why) => Outcome::Failed(why),
        sent => Outcome::Failed(format!("it was sent: {sent}")),
    }
}

fn is_row_statement(verb: Verb) -> bool {
    !verb.copies() && verb != Verb::Truncate
}

#[tokio::test]
async fn every_table_and_verb_in_a_transaction() {
    for schema in Schema::ALL {
        let cell = Cell::new(schema).await;
        let ask = async |case: &Case| {
            let outcome = writing(&cell.handle, context(&cell, case), case).await;
            if is_row_statement(case.verb) {
                outcome
            } else {
                unsent(case, outcome)
            }
        };
        isolation(&cell)
            .await
            .run_with(&TENANTS, ask)
            .await
            .unwrap()
            .assert();
    }
}

#[tokio::test]
async fn every_table_and_verb_on_a_connection_that_reads() {
    for schema in Schema::ALL {
        let cell = Cell::new(schema).await;
        let ask = async |case: &Case| {
            let outcome = reading(&cell.handle, context(&cell, case), case).await;
            match (is_row_statement(case.verb), case.verb.writes()) {
                (true, false) => outcome,
                // whatever the tenant
                (true, true) if outcome == Outcome::Refused(READ_ONLY.to_owned()) => case.expected[0].clone(),
                (true, true) => Outcome::Failed(format!("a write on a reading connection gave {outcome}")),
                (false, _) => unsent(case, outcome),
            }
        };
        isolation(&cell)
            .await
            .run_with(&TENANTS, ask)
            .await
            .unwrap()
            .assert();
    }
}
