//! The ledger of what a tenant has stored, in the tenant's own database.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Arguments, Row, postgres::PgArguments, postgres::PgRow, postgres::types::PgInterval};
use tenancy_core::{
    Allowance, Error, FieldError, Limit, QuotaLedger, QuotaUsage, Reservation, Result, StoreName, StoreUsage,
    TenantContext,
};
use uuid::Uuid;

use crate::SqlHandle;

/// The ledger of what a tenant has stored, in the tenant's own database: tables of the schema `tenancy`, fenced as all are.
///
/// A change costs three round trips, and a tenant's changes happen one after another. The runtime role may write its own
/// tenant's rows: a service that is broken into can change that tenant's count, and no other's.
#[derive(Clone, Debug)]
pub struct SqlQuotaLedger {
    handle: SqlHandle,
}

impl SqlQuotaLedger {
    /// The ledger in a logical database.
    #[must_use]
    pub fn new(handle: SqlHandle) -> Self {
        Self { handle }
    }

    /// One statement in a transaction of its own.
    async fn change(&self, context: &TenantContext, call: Call) -> Result<PgRow> {
        let mut tx = self.handle.begin_own(context).await?;
        let row = call.query().fetch_one(&mut tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    async fn ask(&self, context: &TenantContext, call: Call) -> Result<(u64, u64)> {
        let mut connection = self.handle.read(context).await?;
        let row = call.query().fetch_optional(&mut connection).await?;
        row.map_or(Ok((0, 0)), |row| Ok((bytes(&row, 0)?, bytes(&row, 1)?)))
    }
}

#[async_trait]
impl QuotaLedger for SqlQuotaLedger {
    async fn reserve(
        &self,
        context: &TenantContext,
        store: &StoreName,
        bytes: u64,
        hold: Duration,
    ) -> Result<Reservation> {
        let id = Uuid::now_v7();
        let limit = context.plan().storage_bytes;
        let most = match limit {
            Allowance::Limited(most) => Some(i64::try_from(most).unwrap_or(i64::MAX)),
            Allowance::Unlimited => None,
        };
        let call = Call::new("SELECT taken, used, reserved FROM tenancy.quota_reserve($1, $2, $3, $4, $5)");
        let call = call
            .with(id)?
            .with(store.as_str().to_owned())?
            .with(number(bytes)?)?;
        let call = call.with(most)?.with(interval(hold))?;
        let row = self.change(context, call).await?;
        if row.try_get::<bool, _>(0)? {
            return Ok(Reservation::from_uuid(id));
        }
        let used = self::bytes(&row, 1)?.saturating_add(self::bytes(&row, 2)?);
        let limit = most.and_then(|most| u64::try_from(most).ok()).unwrap_or_default();
        Err(Error::quota_exceeded(Limit::StorageBytes.as_str(), limit, used))
    }

    async fn settle(&self, context: &TenantContext, reservation: Reservation, actual: u64) -> Result<()> {
        let call = Call::new("SELECT tenancy.quota_settle($1, $2)");
        let call = call.with(reservation.as_uuid())?.with(number(actual)?)?;
        let row = self.change(context, call).await?;
        if row.try_get(0)? {
            return Ok(());
        }
        Err(Error::not_found("the ledger has no such reservation"))
    }

    async fn release(&self, context: &TenantContext, reservation: Reservation) -> Result<()> {
        let call = Call::new("SELECT tenancy.quota_settle($1, NULL)").with(reservation.as_uuid())?;
        self.change(context, call).await?;
        Ok(())
    }

    async fn free(&self, context: &TenantContext, store: &StoreName, bytes: u64) -> Result<()> {
        let call = Call::new("SELECT tenancy.quota_free($1, $2)");
        let call = call.with(store.as_str().to_owned())?.with(number(bytes)?)?;
        self.change(context, call).await?;
        Ok(())
    }

    async fn reconcile(
        &self,
        context: &TenantContext,
        store: &StoreName,
        before: StoreUsage,
        listed: u64,
    ) -> Result<()> {
        let call = Call::new("SELECT tenancy.quota_reconcile($1, $2, $3)");
        let call = call.with(store.as_str().to_owned())?;
        let call = call.with(number(before.settled)?)?.with(number(listed)?)?;
        self.change(context, call).await?;
        Ok(())
    }

    async fn store_usage(&self, context: &TenantContext, store: &StoreName) -> Result<StoreUsage> {
        let call = Call::new("SELECT used, settled FROM tenancy.quota_stores WHERE store = $1");
        let (used, settled) = self.ask(context, call.with(store.as_str().to_owned())?).await?;
        Ok(StoreUsage { used, settled })
    }

    /// Reservations whose time is over are not counted, though their room is given back by the next change only.
    async fn usage(&self, context: &TenantContext) -> Result<QuotaUsage> {
        let call = Call::new(
            "SELECT u.used, coalesce((SELECT sum(r.bytes) FROM tenancy.quota_reservations r \
             WHERE r.state = 'held' AND r.ends_at > clock_timestamp()), 0)::bigint FROM tenancy.quota_usage u",
        );
        let (used, reserved) = self.ask(context, call).await?;
        Ok(QuotaUsage { used, reserved })
    }
}

/// A statement and its arguments.
struct Call {
    text: &'static str,
    arguments: PgArguments,
}

impl Call {
    fn new(text: &'static str) -> Self {
        Self {
            text,
            arguments: PgArguments::default(),
        }
    }

    fn with<T>(mut self, value: T) -> Result<Self>
    where
        T: for<'q> sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let added = self.arguments.add(value);
        added.map_err(|error| Error::internal("an argument can't be encoded").with_source(error))?;
        Ok(self)
    }

    fn query(self) -> sqlx::query::Query<'static, sqlx::Postgres, PgArguments> {
        sqlx::query_with(self.text, self.arguments)
    }
}

/// A thousandth of what the database can count, so that no sum of a few is beyond it.
const MOST: i64 = i64::MAX / 1000;

fn number(bytes: u64) -> Result<i64> {
    let number = i64::try_from(bytes).ok().filter(|&bytes| bytes <= MOST);
    number.ok_or_else(|| Error::invalid(vec![FieldError::new("bytes", "more than any store has")]))
}

/// In whole microseconds, as the database counts.
fn interval(hold: Duration) -> PgInterval {
    PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(hold.as_micros()).unwrap_or(MOST).min(MOST),
    }
}

fn bytes(row: &PgRow, index: usize) -> Result<u64> {
    let number: i64 = row.try_get(index)?;
    u64::try_from(number).map_err(|_| Error::internal("the ledger has less than nothing"))
}
