//! Does one operation, and looks at what comes back.

use std::{
    error::Error as Cause,
    sync::atomic::{AtomicBool, Ordering},
};

use futures::StreamExt;
use sqlx::{AssertSqlSafe, Executor, Postgres, Row};
use tenancy_core::TenantContext;
use uuid::Uuid;

use super::{
    hostile,
    operation::{End, Operation, TimesOut, Via},
    oracle::{Change, Oracle},
    tally::Count,
    world::World,
};
use crate::support::permit;

const UPSERT: &str = "INSERT INTO notes (id, body) VALUES ($1, $2) \
    ON CONFLICT (tenant_id, id) DO UPDATE SET body = excluded.body";
const BODY: &str = "SELECT body FROM notes WHERE id = $1";

/// Why an operation did not end as it should.
pub(super) enum Trouble {
    /// Something broke, or refused. Whether it may have is the caller's to say.
    Failed(String),
    /// What must never be.
    Wrong(String),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(said(&error))
    }
}

impl From<tenancy_core::Error> for Trouble {
    fn from(error: tenancy_core::Error) -> Self {
        Self::Failed(format!("{error:?} {}", said(&error)))
    }
}

/// An error, its causes, and what the server called it.
fn said(error: &(dyn Cause + 'static)) -> String {
    let mut text = error.to_string();
    if let Some(sqlx::Error::Database(error)) = error.downcast_ref() {
        text = format!("{text} [{}]", error.code().unwrap_or_default());
    }
    match error.source() {
        Some(cause) => format!("{text}: {}", said(cause)),
        None => text,
    }
}

fn wrong(what: impl Into<String>) -> Trouble {
    Trouble::Wrong(what.into())
}

type Done<T = ()> = Result<T, Trouble>;

/// Who acts, on what.
pub(super) struct Actor<'w> {
    pub(super) world: &'w World,
    pub(super) ctx: &'w TenantContext,
    pub(super) number: usize,
    pub(super) oracle: &'w Oracle,
    /// Set before a COMMIT is sent.
    pub(super) commits: &'w AtomicBool,
}

impl Actor<'_> {
    /// Does it, and says what is counted.
    pub(super) async fn act(&self, operation: &Operation) -> Done<Count> {
        let core = &self.world.cell.core;
        match operation {
            Operation::Read => {
                let mut conn = core.read(self.ctx).await?;
                let rows: Vec<(Uuid, String)> = sqlx::query_as("SELECT id, body FROM notes")
                    .fetch_all(&mut conn)
                    .await?;
                self.oracle.check_all(&rows).map_err(wrong)?;
                Ok(Count::Read)
            }
            Operation::ReadForeign(key, other) => self.read_foreign(*key, *other).await,
            Operation::Write(changes, end) => self.write(changes, *end).await,
            Operation::WriteInRead => {
                let mut conn = core.read(self.ctx).await?;
                let insert = sqlx::query(UPSERT)
                    .bind(Uuid::from_u128(7))
                    .bind(self.oracle.body(0));
                match insert.execute(&mut conn).await {
                    Ok(_) => Err(wrong("a connection that reads has written")),
                    Err(error) => self.refuses(error, &["25006"]),
                }
            }
            Operation::WriteForeign(key, other) => self.write_foreign(*key, *other).await,
            Operation::Refused(text, via) => self.refused(text, *via).await,
            Operation::Smuggled(text, via, other) => {
                let text = self.addressed(text, *other);
                // whether the server lets it is not what counts: what it leaves is
                let _ = self
                    .one(*via, sqlx::query("SELECT public.injected($1)").bind(text))
                    .await;
                Ok(Count::Smuggled)
            }
            Operation::Look(via) => self.look(*via).await,
            Operation::Stream(rows) => {
                let mut conn = core.read(self.ctx).await?;
                let text = "SELECT g, repeat('x', 200) FROM generate_series(1, 2000) g";
                let mut answer = sqlx::query(text).fetch(&mut conn);
                for _ in 0..*rows {
                    answer.next().await.ok_or_else(|| wrong("an answer is short"))??;
                }
                Ok(Count::Read)
            }
            Operation::TimesOut(bound) => self.times_out(*bound).await,
        }
    }

    fn addressed(&self, text: &str, other: usize) -> String {
        let other = self.world.tenants[other - 1].tenant_id().to_string();
        text.replace("{tenant}", &self.ctx.tenant_id().to_string())
            .replace("{other}", &other)
            .replace("{number}", &self.number.to_string())
    }

    /// An error is one of these, or something broke.
    fn refuses(&self, error: sqlx::Error, codes: &[&str]) -> Done<Count> {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.is_some_and(|code| codes.contains(&code.as_ref())) {
            true => Ok(Count::Refused),
            false => Err(error.into()),
        }
    }

    /// One statement on its own; a transaction is committed after it.
    async fn one<'q, E: sqlx::Execute<'q, Postgres> + 'q>(
        &self,
        via: Via,
        query: E,
    ) -> Done<Vec<sqlx::postgres::PgRow>> {
        let core = &self.world.cell.core;
        match via {
            Via::Read => Ok(core.read(self.ctx).await?.fetch_all(query).await?),
            Via::Transaction => {
                let mut tx = core.begin(&permit(self.ctx)).await?;
                let rows = (&mut tx).fetch_all(query).await?;
                tx.commit().await?;
                Ok(rows)
            }
        }
    }

    async fn read_foreign(&self, key: Uuid, other: usize) -> Done<Count> {
        let mut conn = self.world.cell.core.read(self.ctx).await?;
        let row: Option<String> = sqlx::query_scalar(BODY)
            .bind(key)
            .fetch_optional(&mut conn)
            .await?;
        if let Some(row) = row {
            return Err(wrong(format!(
                "a foreign row: `{row}` is seen by {}",
                self.ctx.tenant_id()
            )));
        }
        let other = self.world.tenants[other - 1].tenant_id();
        let count = sqlx::query_scalar("SELECT count(*) FROM notes WHERE tenant_id = $1").bind(other);
        match count.fetch_one(&mut conn).await? {
            0_i64 => Ok(Count::Read),
            rows => Err(wrong(format!("{rows} foreign rows are counted"))),
        }
    }

    async fn write(&self, changes: &[Change], end: End) -> Done<Count> {
        let mut tx = self.world.cell.core.begin(&permit(self.ctx)).await?;
        for (key, value) in changes {
            match value {
                Some(number) => {
                    let body = self.oracle.body(*number);
                    sqlx::query(UPSERT).bind(key).bind(&body).execute(&mut tx).await?;
                    let seen: Option<String> =
                        sqlx::query_scalar(BODY).bind(key).fetch_optional(&mut tx).await?;
                    if seen.as_ref() != Some(&body) {
                        return Err(wrong(format!(
                            "a transaction reads {seen:?} where it wrote `{body}`"
                        )));
                    }
                }
                None => {
                    let delete = sqlx::query("DELETE FROM notes WHERE id = $1").bind(key);
                    delete.execute(&mut tx).await?;
                }
            }
        }
        match end {
            End::Commit => {
                self.commits.store(true, Ordering::SeqCst);
                tx.commit().await?;
                return Ok(Count::Committed);
            }
            End::RollBack => tx.rollback().await?,
            End::Drop => drop(tx),
            End::Fail => {
                for text in ["SELECT 1 / (SELECT 0)", "SELECT 1"] {
                    if sqlx::query(text).execute(&mut tx).await.is_ok() {
                        return Err(wrong("a statement that fails did not"));
                    }
                }
                if tx.commit().await.is_ok() {
                    return Err(wrong("a failed transaction was committed"));
                }
            }
        }
        Ok(Count::RolledBack)
    }

    /// A row for another tenant is refused, and another tenant's rows are not there to be changed.
    async fn write_foreign(&self, key: Uuid, other: usize) -> Done<Count> {
        let other = self.world.tenants[other - 1].tenant_id();
        let mut tx = self.world.cell.core.begin(&permit(self.ctx)).await?;
        for text in [
            "UPDATE notes SET body = $3 WHERE tenant_id = $1 OR id = $2 AND tenant_id = $1",
            "DELETE FROM notes WHERE tenant_id = $1 AND (id = $2 OR body <> $3)",
        ] {
            let query = sqlx::query(text).bind(other).bind(key).bind(self.oracle.body(0));
            let rows = query.execute(&mut tx).await?.rows_affected();
            if rows > 0 {
                return Err(wrong(format!("{rows} foreign rows were changed")));
            }
        }
        let text = "INSERT INTO notes (tenant_id, id, body) VALUES ($1, $2, $3)";
        let insert = sqlx::query(text).bind(other).bind(key).bind(self.oracle.body(0));
        match insert.execute(&mut tx).await {
            Ok(_) => Err(wrong("a row was written for another tenant")),
            Err(error) => self.refuses(error, &["42501"]),
        }
    }

    async fn refused(&self, text: &'static str, via: Via) -> Done<Count> {
        let core = &self.world.cell.core;
        let simple = self.number.is_multiple_of(2);
        let query = || sqlx::query(AssertSqlSafe(text)).bind(self.ctx.tenant_id().to_string());
        let answer = match (via, simple) {
            (Via::Read, true) => core.read(self.ctx).await?.execute(sqlx::raw_sql(text)).await,
            (Via::Read, false) => core.read(self.ctx).await?.execute(query()).await,
            (Via::Transaction, true) => {
                core.begin(&permit(self.ctx))
                    .await?
                    .execute(sqlx::raw_sql(text))
                    .await
            }
            (Via::Transaction, false) => core.begin(&permit(self.ctx)).await?.execute(query()).await,
        };
        match answer {
            Err(sqlx::Error::Configuration(_)) => Ok(Count::Refused),
            answer => Err(wrong(format!(
                "`{text}` was not refused before it was sent: {answer:?}"
            ))),
        }
    }

    async fn look(&self, via: Via) -> Done<Count> {
        let rows = self.one(via, sqlx::query(hostile::RESIDUE)).await?;
        let may = hostile::may_be_left(&self.ctx.tenant_id().to_string(), self.number);
        for (column, may) in may.iter().enumerate() {
            let is: String = rows[0].try_get(column)?;
            // sessions of a pooler in transaction mode keep the statements that others prepared
            if !may.contains(&is) && (self.world.closes_statements() || column != 4) {
                return Err(wrong(format!(
                    "`{is}` is left for {} in column {column}",
                    self.ctx.tenant_id()
                )));
            }
        }
        Ok(Count::Read)
    }

    async fn times_out(&self, bound: TimesOut) -> Done<Count> {
        let mut tx = self.world.cell.core.begin(&permit(self.ctx)).await?;
        let sleeps = match bound {
            TimesOut::Pool => "SELECT pg_sleep(2.5)",
            TimesOut::Own => {
                let short =
                    sqlx::query("SELECT public.injected($1)").bind("SET LOCAL statement_timeout = 10");
                short.execute(&mut tx).await?;
                "SELECT pg_sleep(0.5)"
            }
        };
        match sqlx::query(sleeps).execute(&mut tx).await {
            // the tenant itself may have set another bound
            Ok(_) => Ok(Count::TimedOut),
            Err(error) => self.refuses(error, &["57014"]).map(|_| Count::TimedOut),
        }
    }
}
