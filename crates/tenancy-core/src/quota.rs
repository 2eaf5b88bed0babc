//! What a tenant has stored, counted so that two writers at once do not pass the plan's limit.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{Result, StoreName, TenantContext};

/// Counts the bytes of a tenant's object stores against its plan ([`Plan::storage_bytes`](crate::Plan::storage_bytes)).
///
/// # Flow
///
/// [`reserve`](Self::reserve) before bytes are sent, [`settle`](Self::settle) with what was stored, or
/// [`release`](Self::release) when nothing was; [`free`](Self::free) when an object is deleted. Now and then
/// [`reconcile`](Self::reconcile) with what the store lists.
///
/// # Guarantees
///
/// - What is stored and what is reserved never exceed the limit of the plan at the time of a `reserve`, however many reserve
///   at once. `settle` with more than was reserved is counted all the same: the bytes are there.
/// - `settle` and `release` may be repeated; the second one does nothing.
/// - A reservation of which nothing is heard gives its room back when its time is over. Settled later, it counts still.
///
/// # Assumptions
///
/// The context's tenant is the one that writes, under a permit: who calls this has checked that.
#[async_trait]
pub trait QuotaLedger: fmt::Debug + Send + Sync + 'static {
    /// Takes room for `bytes` in `store`, for `hold` at most.
    ///
    /// # Errors
    ///
    /// `QuotaExceeded` with the limit and what is used and reserved, `Unavailable` when the ledger does not answer.
    async fn reserve(
        &self,
        context: &TenantContext,
        store: &StoreName,
        bytes: u64,
        hold: Duration,
    ) -> Result<Reservation>;

    /// `actual` bytes are stored under a reservation.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such reservation, or none any more: a week after its end it is forgotten, and only
    /// [`reconcile`](Self::reconcile) counts what was stored under it.
    async fn settle(&self, context: &TenantContext, reservation: Reservation, actual: u64) -> Result<()>;

    /// Nothing is stored under a reservation. Of one that was settled, or is none, nothing changes.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the ledger does not answer; the reservation ends by itself then.
    async fn release(&self, context: &TenantContext, reservation: Reservation) -> Result<()>;

    /// `bytes` of a store are deleted. Not repeatable: when it is not known whether it was done, leave it to
    /// [`reconcile`](Self::reconcile).
    ///
    /// # Errors
    ///
    /// `Unavailable` when the ledger does not answer.
    async fn free(&self, context: &TenantContext, store: &StoreName, bytes: u64) -> Result<()>;

    /// The store lists `listed` bytes in all, in a listing that began after `before` was read. What was settled since counts
    /// on top, whether it was listed or not: the count is never too low, and right again when nothing is written meanwhile.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the ledger does not answer.
    async fn reconcile(
        &self,
        context: &TenantContext,
        store: &StoreName,
        before: StoreUsage,
        listed: u64,
    ) -> Result<()>;

    /// What the ledger has of one store.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the ledger does not answer.
    async fn store_usage(&self, context: &TenantContext, store: &StoreName) -> Result<StoreUsage>;

    /// What the ledger has of the tenant.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the ledger does not answer.
    async fn usage(&self, context: &TenantContext) -> Result<QuotaUsage>;
}

/// Room that was taken in a ledger. Its id may be kept where an upload is finished by another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reservation(Uuid);

impl Reservation {
    /// The reservation of this id.
    #[must_use]
    pub const fn from_uuid(id: Uuid) -> Self {
        Self(id)
    }

    /// Its id.
    #[must_use]
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

/// What a ledger has of one store, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreUsage {
    /// Stored.
    pub used: u64,
    /// Settled ever, deleted or not: how much was written between two looks.
    pub settled: u64,
}

/// What a ledger has of a tenant, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaUsage {
    /// Stored, in all stores.
    pub used: u64,
    /// Reserved, in all stores.
    pub reserved: u64,
}
