//! Which role may ask the registry what.

use sqlx::{Postgres, postgres::PgArguments, query::Query};
use tenancy_core::{Result, TenantId};

use super::{
    Registry,
    connect::{bounded, commit},
    refusal::refused,
};
use crate::DeploymentRole;

impl Registry {
    /// Lets a role ask for any tenant and any membership: for a deployment that serves many tenants.
    ///
    /// The role exists already, with `LOGIN` and nothing else. What it held here before is taken back.
    ///
    /// # Errors
    ///
    /// `Conflict` when there is no such role, when it is pinned, or when it could do more than that (as a superuser, as a
    /// member of another role, by a grant): the registry refuses to call such a role confined.
    pub async fn grant_shared(&self, role: &DeploymentRole) -> Result<()> {
        self.call(sqlx::query("SELECT registry.grant_shared($1::name)").bind(role.as_str()))
            .await
    }

    /// Lets a role ask for one tenant and its members, and nothing else: for a deployment that serves one tenant. The
    /// registry tells by the session's user which tenant that is.
    ///
    /// # Errors
    ///
    /// As [`grant_shared`](Self::grant_shared); `Conflict` also when the role is pinned to another tenant, `NotFound`
    /// when there is no such tenant.
    pub async fn pin(&self, role: &DeploymentRole, tenant: TenantId) -> Result<()> {
        self.call(
            sqlx::query("SELECT registry.pin($1::name, $2)")
                .bind(role.as_str())
                .bind(tenant),
        )
        .await
    }

    /// Takes back all that a role may do here, be it pinned or shared. Sessions that are open get no answer any more.
    ///
    /// # Errors
    ///
    /// `Conflict` when there is no such role.
    pub async fn revoke(&self, role: &DeploymentRole) -> Result<()> {
        self.call(sqlx::query("SELECT registry.revoke($1::name)").bind(role.as_str()))
            .await
    }

    async fn call(&self, query: Query<'_, Postgres, PgArguments>) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            query.execute(&mut *tx).await.map_err(refused)?;
            commit(tx).await
        })
        .await
    }
}
