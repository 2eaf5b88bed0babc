//! What a handle says of its tenant's use.

use tenancy_core::{Permit, QuotaLedger, Result, TenantContext, WritePermission};

use super::report::{Tally, UsageReport};
use crate::{Listing, ObjectHandle};

/// The largest page.
const PAGE: usize = 1000;

impl ObjectHandle {
    /// What the tenant has in this store, by listing it. What is written or deleted meanwhile may be counted or not.
    ///
    /// # Cost
    ///
    /// A page of 1000 objects at a time, each within the context's deadline (30 seconds without one): for jobs, not for
    /// requests.
    pub async fn usage(&self, ctx: &TenantContext) -> Result<UsageReport> {
        let mut tally = Tally::default();
        let mut listing = Listing::all().limit(PAGE);
        loop {
            let page = self.list(ctx, &listing).await?;
            page.objects.iter().for_each(|object| tally.add(object));
            match page.next {
                Some(next) => listing = listing.after(next),
                None => return Ok(tally.report()),
            }
        }
    }

    /// Corrects a ledger by what the store lists, and gives that. The ledger is never too low by it, whatever is settled
    /// meanwhile; see [`QuotaLedger::reconcile`].
    ///
    /// # Errors
    ///
    /// `Unavailable` when the ledger does not answer; it is as it was then.
    ///
    /// # Cost
    ///
    /// As [`usage`](Self::usage), and two calls to the ledger.
    pub async fn reconcile<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        ledger: &dyn QuotaLedger,
    ) -> Result<UsageReport> {
        let ctx = permit.context();
        // before the first page: what is settled from now on may be in the listing or not
        let before = ledger.store_usage(ctx, self.name()).await?;
        let report = self.usage(ctx).await?;
        ledger
            .reconcile(ctx, self.name(), before, report.total.bytes)
            .await?;
        Ok(report)
    }
}
