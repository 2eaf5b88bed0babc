//! What can be changed of a tenant: its place, its host, its plan.

use sqlx::types::Json;
use tenancy_core::{Feature, Placement, PlanChanges, Result, TenantId};

use super::{
    Registry,
    connect::{bounded, commit, lock},
    refusal::refused,
    tenants::epoch_number,
};
use crate::CustomHost;

impl Registry {
    /// Places a tenant: `placement`'s epoch is greater than the present one. The present placement once more changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// `Conflict` when the epoch is not greater: someone else placed the tenant meanwhile. `NotFound` when there is no
    /// such tenant.
    pub async fn place(&self, tenant: TenantId, placement: &Placement) -> Result<()> {
        let epoch = epoch_number(placement.epoch)?;
        bounded(async {
            let mut tx = self.begin().await?;
            if lock(&mut tx, tenant).await?.placement == *placement {
                return Ok(());
            }
            let text = "UPDATE registry.tenants SET epoch = $2, sql = $3, objects = $4, documents = $5, graph = $6 WHERE id = $1";
            let query = sqlx::query(text);
            let query = query
                .bind(tenant)
                .bind(epoch)
                .bind(Json(&placement.sql))
                .bind(Json(&placement.objects))
                .bind(Json(&placement.documents))
                .bind(Json(&placement.graph));
            query.execute(&mut *tx).await.map_err(refused)?;
            commit(tx).await
        })
        .await
    }

    /// Gives a tenant a host of its own, or takes it away. That the domain is the tenant's, the caller has verified.
    ///
    /// # Errors
    ///
    /// `NotEntitled` when the plan has no custom domain, `Conflict` when the host is another tenant's, `NotFound` when
    /// there is no such tenant.
    pub async fn set_custom_host(&self, tenant: TenantId, host: Option<&CustomHost>) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            let record = lock(&mut tx, tenant).await?;
            if host.is_some() {
                self.plans
                    .require(&self.plans.plan_of(&record), Feature::CustomDomain)?;
            }
            let query = sqlx::query("UPDATE registry.tenants SET custom_host = $2 WHERE id = $1");
            let query = query.bind(tenant).bind(host.map(CustomHost::as_str));
            query.execute(&mut *tx).await.map_err(refused)?;
            commit(tx).await
        })
        .await
    }

    /// Sets what differs from the tier's plan, or that nothing does. Members and hosts that the new plan would not allow
    /// stay; who has a custom role that it does not allow only reads until it does again.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such tenant.
    pub async fn set_plan(&self, tenant: TenantId, plan: Option<&PlanChanges>) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            lock(&mut tx, tenant).await?;
            let query = sqlx::query("UPDATE registry.tenants SET plan = $2 WHERE id = $1");
            query
                .bind(tenant)
                .bind(plan.map(Json))
                .execute(&mut *tx)
                .await
                .map_err(refused)?;
            commit(tx).await
        })
        .await
    }
}
