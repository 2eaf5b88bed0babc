//! Hostile SQL in a handler that concatenates, through the handles: the whole of the defence. What the database alone holds is
//! tested beside the seal, past the look at the text.

use sqlx::{AssertSqlSafe, Executor, Postgres, Row, postgres::PgRow};
use tenancy_core::TenantContext;
use tenancy_sql::Transaction;

use crate::{
    payloads::{PAYLOADS, Payload},
    seal::Sealed,
    support::{Cell, permit},
};

/// How a handler may come to run a text: as a statement, as part of one, or as a script.
const WAYS: [&str; 3] = [
    "{}",
    "SELECT body FROM notes WHERE body = 'x' OR (SELECT {}) IS NOT NULL",
    "SELECT 1; {}",
];

/// What was seen, and how many texts the handle did not send.
#[derive(Default)]
struct Heard {
    seen: String,
    refused: usize,
    sent: usize,
}

impl Heard {
    fn note(&mut self, answer: Result<Vec<PgRow>, sqlx::Error>) {
        match answer {
            Ok(rows) => {
                self.sent += 1;
                for row in rows {
                    let columns = (0..row.len()).filter_map(|at| row.try_get_raw(at).ok()?.as_bytes().ok());
                    self.seen.extend(columns.map(String::from_utf8_lossy));
                }
            }
            Err(sqlx::Error::Configuration(_)) => self.refused += 1,
            Err(_) => self.sent += 1,
        }
    }
}

async fn extended<'c>(on: impl Executor<'c, Database = Postgres>, text: &str, heard: &mut Heard) {
    heard.note(sqlx::query(AssertSqlSafe(text.to_owned())).fetch_all(on).await);
}

async fn simple<'c>(on: impl Executor<'c, Database = Postgres>, text: &str) {
    let answer = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).fetch_all(on).await;
    assert!(
        matches!(answer, Err(sqlx::Error::Configuration(_))),
        "`{text}` was sent"
    );
}

async fn request(cell: &Cell, ctx: &TenantContext, texts: &[String], heard: &mut Heard) {
    let mut conn = cell.core.read(ctx).await.unwrap();
    for text in texts {
        simple(&mut conn, text).await;
        extended(&mut conn, text, heard).await;
    }
    extended(&mut conn, "SELECT body FROM notes", heard).await;
    drop(conn);
    let mut tx: Transaction = cell.core.begin(&permit(ctx)).await.unwrap();
    for text in texts {
        simple(&mut tx, text).await;
        extended(&mut tx, text, heard).await;
    }
    extended(&mut tx, "SELECT body FROM notes", heard).await;
    let _ = tx.commit().await;
}

fn texts(cell: &Cell, steps: &[&str]) -> Vec<String> {
    let beta = cell.beta.tenant_id().to_string();
    let step = |step: &&str| {
        let step = step.replace("{beta}", &beta).replace("{proof}", "SELECT 1");
        let step = step.replace("{role}", &cell.database.runtime_role);
        step.replace("{owner}", &cell.database.owner_role)
    };
    let all = steps.iter().map(step);
    all.flat_map(|step| {
        WAYS.map(|way| way.replace("{}", step.trim_start_matches("SELECT ")))
            .into_iter()
            .chain([step.clone()])
            .collect::<Vec<_>>()
    })
    .collect()
}

async fn check(cell: &Cell, payload: &Payload) {
    let mut heard = Heard::default();
    request(cell, &cell.alpha, &texts(cell, payload.first), &mut heard).await;
    assert_eq!(cell.bodies(&cell.beta).await, ["secret"], "{}", payload.name);
    request(cell, &cell.alpha, &texts(cell, payload.then), &mut heard).await;
    assert_eq!(cell.bodies(&cell.beta).await, ["secret"], "{}", payload.name);
    assert!(!heard.seen.contains("secret"), "{}: {}", payload.name, heard.seen);
    let (refused, sent) = (heard.refused, heard.sent);
    let unsealed = if payload.works_unsealed { "works" } else { "fails" };
    println!(
        "{}: {refused} texts refused, {sent} sent; unsealed it {unsealed}, and could {}",
        payload.name, payload.could
    );
}

#[tokio::test]
async fn hostile_sql_through_a_handle_reaches_no_other_tenant() {
    let sealed = Sealed::new().await;
    let cell = &sealed.cell;
    cell.write(&cell.beta, "secret").await;
    for payload in PAYLOADS {
        check(cell, payload).await;
    }
}
