//! Creates tenants and reads them.

use sqlx::{Postgres, Transaction, types::Json};
use tenancy_core::{Epoch, Error, FieldError, Kind, MembershipKey, Result, Role, TenantId, TenantRecord};

use super::{
    Registry,
    connect::{self, bounded, commit},
    members, membership,
    refusal::refused,
};
use crate::NewTenant;

impl Registry {
    /// Creates a tenant with its owner, in one transaction, and answers what the registry now has.
    ///
    /// Made again with the same id, slug, user pool, tier and owner, it changes nothing and answers the same, so that a
    /// caller who does not know whether it happened may ask again.
    ///
    /// # Errors
    ///
    /// `Conflict` when the id, the slug or the user pool is or ever was another tenant's.
    pub async fn create(&self, new: &NewTenant) -> Result<TenantRecord> {
        let inserted = bounded(async { self.create_within(self.begin().await?, new).await }).await;
        match inserted {
            Err(error) if error.kind() == Kind::Conflict && !self.is_made(new).await? => Err(error),
            Err(error) if error.kind() != Kind::Conflict => Err(error),
            _ => self.tenant(new.id).await,
        }
    }

    /// The tenant and its owner, and the end of the transaction.
    pub(super) async fn create_within(
        &self,
        mut tx: Transaction<'_, Postgres>,
        new: &NewTenant,
    ) -> Result<()> {
        insert(&mut tx, new).await?;
        let user = members::upsert(&mut tx, &new.identity_tenant, &new.owner).await?;
        let record = connect::lock(&mut tx, new.id).await?;
        membership::join(&mut tx, &record, user, &Role::Owner.into()).await?;
        commit(tx).await
    }

    /// What the registry has of a tenant.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such tenant.
    pub async fn tenant(&self, id: TenantId) -> Result<TenantRecord> {
        let found = self.find(id).await?;
        found.ok_or_else(|| Error::not_found("the registry has no such tenant"))
    }

    async fn find(&self, id: TenantId) -> Result<Option<TenantRecord>> {
        bounded(async {
            let mut tx = self.begin().await?;
            let row: Option<Json<TenantRecord>> = sqlx::query_scalar("SELECT registry.tenant_by_id($1)")
                .bind(id)
                .fetch_one(&mut *tx)
                .await
                .map_err(refused)?;
            Ok(row.map(|Json(record)| record))
        })
        .await
    }

    /// Whether `new` is what the registry has already.
    pub(super) async fn is_made(&self, new: &NewTenant) -> Result<bool> {
        let Some(record) = self.find(new.id).await? else {
            return Ok(false);
        };
        let owner = MembershipKey {
            tenant: new.id,
            pool: new.identity_tenant.clone(),
            subject: new.owner.subject.clone(),
        };
        let owner = self.member(&owner).await?;
        Ok(record.slug == new.slug
            && record.identity_tenant == new.identity_tenant
            && record.tier == new.tier
            && owner.is_some_and(|membership| membership.role == Role::Owner))
    }
}

async fn insert(tx: &mut Transaction<'_, Postgres>, new: &NewTenant) -> Result<()> {
    let text = "INSERT INTO registry.tenants (id, slug, name, tier, status, identity_tenant, plan, epoch, sql, objects,
                documents, graph) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    sqlx::query(text)
        .bind(new.id)
        .bind(new.slug.as_str())
        .bind(new.name.as_str())
        .bind(new.tier.as_str())
        .bind(new.status.as_str())
        .bind(new.identity_tenant.as_str())
        .bind(new.plan.as_ref().map(Json))
        .bind(epoch_number(new.placement.epoch)?)
        .bind(Json(&new.placement.sql))
        .bind(Json(&new.placement.objects))
        .bind(Json(&new.placement.documents))
        .bind(Json(&new.placement.graph))
        .execute(&mut **tx)
        .await
        .map_err(refused)?;
    Ok(())
}

/// The epoch as the database counts it.
pub(super) fn epoch_number(epoch: Epoch) -> Result<i64> {
    let out_of_range = |_| Error::invalid(vec![FieldError::new("placement.epoch", "at most 2^63 - 1")]);
    i64::try_from(epoch.0).map_err(out_of_range)
}
