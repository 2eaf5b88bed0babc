//! The ledger of what a tenant has stored.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use sqlx::{AssertSqlSafe, Executor};
use tenancy_core::{
    Allowance, Kind, PlanChanges, QuotaLedger, QuotaUsage, Reservation, Role, StoreName, StoreUsage,
    TenantContext, Tier,
};
use tenancy_sql::SqlQuotaLedger;
use tenancy_testkit::{context, tenant};

use crate::support::{Cell, as_superuser, connect};

const HOLD: Duration = Duration::from_secs(60);

struct Ledger {
    cell: Cell,
    ledger: Arc<SqlQuotaLedger>,
    store: StoreName,
    ctx: TenantContext,
}

impl Ledger {
    /// A tenant with this limit.
    async fn with(limit: Allowance) -> Self {
        let cell = Cell::new().await;
        let mut record = tenant("quota", Tier::Free);
        let changes = PlanChanges {
            storage_bytes: Some(limit),
            ..PlanChanges::default()
        };
        record.plan = Some(changes.into());
        Self {
            ledger: Arc::new(SqlQuotaLedger::new(cell.core.clone())),
            store: "uploads".parse().unwrap(),
            ctx: context(&record, Role::Owner).await,
            cell,
        }
    }

    async fn reserve(&self, bytes: u64) -> tenancy_core::Result<Reservation> {
        self.ledger.reserve(&self.ctx, &self.store, bytes, HOLD).await
    }

    async fn settle(&self, reservation: Reservation, actual: u64) {
        self.ledger.settle(&self.ctx, reservation, actual).await.unwrap();
    }

    async fn is(&self, used: u64, reserved: u64) {
        let usage = self.ledger.usage(&self.ctx).await.unwrap();
        assert_eq!(usage, QuotaUsage { used, reserved });
    }

    async fn store(&self) -> StoreUsage {
        self.ledger.store_usage(&self.ctx, &self.store).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_reserved_and_what_is_stored_stay_within_the_plan() {
    let ledger = Ledger::with(Allowance::Limited(100)).await;
    let first = ledger.reserve(60).await.unwrap();
    let error = ledger.reserve(41).await.unwrap_err();
    assert_eq!(error.kind(), Kind::QuotaExceeded);
    let problem = serde_json::to_value(error.problem()).unwrap();
    assert_eq!((&problem["limit"], &problem["used"]), (&100.into(), &60.into()));
    let second = ledger.reserve(40).await.unwrap();
    ledger.is(0, 100).await;

    ledger.settle(first, 50).await;
    ledger.is(50, 40).await;
    ledger.settle(first, 50).await;
    ledger.is(50, 40).await;
    for _ in 0..2 {
        ledger.ledger.release(&ledger.ctx, second).await.unwrap();
        ledger.is(50, 0).await;
    }
    ledger.ledger.release(&ledger.ctx, first).await.unwrap();
    ledger.is(50, 0).await;

    // more came than was said: it is there, and counts
    let third = ledger.reserve(50).await.unwrap();
    ledger.settle(third, 70).await;
    ledger.is(120, 0).await;
    assert_eq!(ledger.reserve(1).await.unwrap_err().kind(), Kind::QuotaExceeded);
    assert_eq!(ledger.reserve(0).await.unwrap_err().kind(), Kind::QuotaExceeded);
    let unknown = Reservation::from_uuid(uuid::Uuid::now_v7());
    let settled = ledger.ledger.settle(&ledger.ctx, unknown, 1).await;
    assert_eq!(settled.unwrap_err().kind(), Kind::NotFound);
    ledger.ledger.release(&ledger.ctx, unknown).await.unwrap();
    ledger.is(120, 0).await;
}

#[tokio::test]
async fn thirty_two_writers_at_once_take_every_byte_once() {
    let ledger = Arc::new(Ledger::with(Allowance::Limited(1000)).await);
    let writer = |n: u64| {
        let ledger = Arc::clone(&ledger);
        tokio::spawn(async move {
            let mut stored = 0;
            for round in 0..6 {
                let bytes = 7 + (n + round) % 13;
                let Ok(reservation) = ledger.reserve(bytes).await else {
                    continue;
                };
                let usage = ledger.ledger.usage(&ledger.ctx).await.unwrap();
                assert!(usage.used + usage.reserved <= 1000, "{usage:?}");
                if (n + round).is_multiple_of(5) {
                    ledger.ledger.release(&ledger.ctx, reservation).await.unwrap();
                } else {
                    ledger.settle(reservation, bytes).await;
                    stored += bytes;
                }
            }
            stored
        })
    };
    let stored: u64 = join_all((0..32).map(writer))
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    ledger.is(stored, 0).await;
    assert!(
        stored > 900 && stored <= 1000,
        "{stored}: the limit was not reached, so this proves nothing"
    );
    // nothing more fits than what is free
    assert!(ledger.reserve(1000 - stored + 1).await.is_err());
    ledger.reserve(1000 - stored).await.unwrap();
}

#[tokio::test]
async fn who_comes_second_sees_what_the_first_took() {
    let ledger = Ledger::with(Allowance::Limited(100)).await;
    let known = ledger.reserve(1).await.unwrap();
    ledger.ledger.release(&ledger.ctx, known).await.unwrap();
    let mut first = connect(&ledger.cell.database.runtime_url).await;
    let takes = format!(
        "BEGIN; SET LOCAL app.current_tenant = '{}'; \
         SELECT tenancy.quota_reserve(gen_random_uuid(), 'uploads', 60, 100, '1 hour')",
        ledger.ctx.tenant_id()
    );
    first.execute(AssertSqlSafe(takes)).await.unwrap();
    let mut second = Box::pin(ledger.reserve(60));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut second).await;
    assert!(early.is_err(), "it does not wait for the first");
    first.execute("COMMIT").await.unwrap();
    assert_eq!(second.await.unwrap_err().kind(), Kind::QuotaExceeded);
    ledger.is(0, 60).await;
}

#[tokio::test]
async fn a_reservation_of_which_nothing_is_heard_ends_and_counts_when_it_is_settled_late() {
    let ledger = Ledger::with(Allowance::Limited(100)).await;
    let lost = ledger.reserve(100).await.unwrap();
    assert!(ledger.reserve(1).await.is_err());
    let over = "UPDATE tenancy.quota_reservations SET ends_at = now() - interval '1 s'";
    as_superuser(&ledger.cell.database, over).await;
    ledger.is(0, 0).await;
    let next = ledger.reserve(100).await.unwrap();
    ledger.is(0, 100).await;
    ledger.settle(lost, 30).await;
    ledger.settle(lost, 30).await;
    ledger.is(30, 100).await;
    ledger.settle(next, 10).await;
    ledger.is(40, 0).await;

    // a week later it is forgotten
    let old = "UPDATE tenancy.quota_reservations SET ends_at = now() - interval '8 days'";
    as_superuser(&ledger.cell.database, old).await;
    ledger.reserve(1).await.unwrap();
    let forgotten = ledger.ledger.settle(&ledger.ctx, lost, 30).await;
    assert_eq!(forgotten.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_listing_corrects_the_count_and_never_makes_it_too_low() {
    let ledger = Ledger::with(Allowance::Unlimited).await;
    let before = ledger.store().await;
    assert_eq!(before, StoreUsage::default());
    let reservation = ledger.reserve(50).await.unwrap();
    ledger.settle(reservation, 50).await;
    let reconcile = async |before, listed| {
        let done = ledger
            .ledger
            .reconcile(&ledger.ctx, &ledger.store, before, listed);
        done.await.unwrap();
    };
    // the listing began before the object was there, and may have it or not
    reconcile(before, 20).await;
    ledger.is(70, 0).await;
    reconcile(ledger.store().await, 20).await;
    ledger.is(20, 0).await;

    let other: StoreName = "exports".parse().unwrap();
    let reservation = ledger.ledger.reserve(&ledger.ctx, &other, 5, HOLD).await.unwrap();
    ledger.settle(reservation, 5).await;
    ledger.is(25, 0).await;
    ledger.ledger.free(&ledger.ctx, &ledger.store, 12).await.unwrap();
    ledger.is(13, 0).await;
    ledger.ledger.free(&ledger.ctx, &ledger.store, 99).await.unwrap();
    ledger.is(5, 0).await;
}

#[tokio::test]
async fn a_tenants_ledger_is_its_own() {
    let ledger = Ledger::with(Allowance::Limited(100)).await;
    let reservation = ledger.reserve(60).await.unwrap();
    let beta = &ledger.cell.beta;
    let foreign = ledger.ledger.settle(beta, reservation, 1).await;
    assert_eq!(foreign.unwrap_err().kind(), Kind::NotFound);
    ledger.ledger.release(beta, reservation).await.unwrap();
    ledger.ledger.free(beta, &ledger.store, 60).await.unwrap();
    ledger.is(0, 60).await;
    let own = ledger.ledger.usage(beta).await.unwrap();
    assert_eq!(own, QuotaUsage::default());
}
