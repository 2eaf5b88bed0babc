//! Whether a tenant may still be given a URL.

use std::sync::Arc;

use tenancy_core::{
    Directory, Error, Result, StoreName, TenantContext, TenantKey, TenantRecord, TenantStatus,
};

/// Refuses when the directory says by now that the tenant is not served, or that its store is elsewhere. A context may be some
/// minutes old when a URL is signed, and the URL outlives it.
pub(super) async fn check(
    directory: &Arc<dyn Directory>,
    ctx: &TenantContext,
    store: &StoreName,
) -> Result<()> {
    let key = TenantKey::Id(ctx.tenant_id());
    let record = match directory.at_hand(&key) {
        Some(record) => Some(record),
        None => directory.lookup(&key).await?,
    };
    let record = record.filter(|record| record.id == ctx.tenant_id());
    let record = record.ok_or_else(|| Error::not_found("the directory knows the tenant no longer"))?;
    served(record.status)?;
    if at_home(&record, ctx, store) {
        Ok(())
    } else {
        Err(Error::moving().with_log("the tenant's placement changed since its context was made"))
    }
}

fn served(status: TenantStatus) -> Result<()> {
    match status {
        TenantStatus::Active => Ok(()),
        TenantStatus::Suspended => Err(Error::suspended()),
        TenantStatus::Moving => Err(Error::moving()),
        TenantStatus::Provisioning => Err(Error::unavailable("the tenant's place is being made")),
        TenantStatus::Deleting => Err(Error::not_found("the tenant is being erased")),
    }
}

fn at_home(record: &TenantRecord, ctx: &TenantContext, store: &StoreName) -> bool {
    let (now, then) = (&record.placement, ctx.placement());
    now.epoch == then.epoch && now.objects.get(store) == then.objects.get(store)
}
