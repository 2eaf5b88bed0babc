//! Which tenants there are.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Directory, Result, TenantId, TenantKey, TenantRecord, TenantStatus,
    directory::{PinnedDirectory, StaticDirectory},
};

/// A tenant as a list names it: nothing that opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedTenant {
    /// The tenant.
    pub id: TenantId,
    /// Where it is in its life.
    pub status: TenantStatus,
}

impl From<&TenantRecord> for ListedTenant {
    fn from(record: &TenantRecord) -> Self {
        Self {
            id: record.id,
            status: record.status,
        }
    }
}

/// Pages through a deployment's tenants. A pinned deployment has one.
#[async_trait]
pub trait TenantList: Send + Sync + 'static {
    /// At most `limit` tenants with ids beyond `after`, by id. Fewer than `limit` are the last.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when the answer can't be had.
    async fn tenants_after(&self, after: Option<TenantId>, limit: u16) -> Result<Vec<ListedTenant>>;
}

/// The page of a list that is all at hand.
fn page(
    tenants: impl Iterator<Item = ListedTenant>,
    after: Option<TenantId>,
    limit: u16,
) -> Vec<ListedTenant> {
    let mut page: Vec<_> = tenants.filter(|tenant| Some(tenant.id) > after).collect();
    page.sort_unstable_by_key(|tenant| tenant.id);
    page.truncate(limit.into());
    page
}

#[async_trait]
impl TenantList for StaticDirectory {
    async fn tenants_after(&self, after: Option<TenantId>, limit: u16) -> Result<Vec<ListedTenant>> {
        Ok(page(self.tenants().map(ListedTenant::from), after, limit))
    }
}

#[async_trait]
impl TenantList for PinnedDirectory {
    async fn tenants_after(&self, after: Option<TenantId>, limit: u16) -> Result<Vec<ListedTenant>> {
        let pin: Option<Arc<TenantRecord>> = self.lookup(&TenantKey::Id(self.pin())).await?;
        Ok(page(pin.iter().map(|pin| (&**pin).into()), after, limit))
    }
}

#[cfg(feature = "postgres")]
#[async_trait]
impl TenantList for crate::directory::PgDirectory {
    /// One round trip.
    async fn tenants_after(&self, after: Option<TenantId>, limit: u16) -> Result<Vec<ListedTenant>> {
        self.registry().tenants_after(after, limit).await
    }
}
