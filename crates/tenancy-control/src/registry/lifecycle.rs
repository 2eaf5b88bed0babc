//! Where a tenant is in its life.

use tenancy_core::{Error, Result, TenantId, TenantStatus};

use super::{
    Registry,
    connect::{bounded, commit, lock},
    refusal::refused,
};

impl Registry {
    /// Shuts an active tenant out; its data stays. Every process refuses it within a second.
    ///
    /// # Errors
    ///
    /// As [`change_status`](Self::change_status).
    pub async fn suspend(&self, tenant: TenantId) -> Result<()> {
        self.change_status(tenant, TenantStatus::Active, TenantStatus::Suspended)
            .await
    }

    /// Lets a suspended tenant in again.
    ///
    /// # Errors
    ///
    /// As [`change_status`](Self::change_status).
    pub async fn resume(&self, tenant: TenantId) -> Result<()> {
        self.change_status(tenant, TenantStatus::Suspended, TenantStatus::Active)
            .await
    }

    /// Takes a tenant from one status to another, when it is in the one (or is in the other already).
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such tenant; `Conflict` when it is in a third status, or when nothing leads from the
    /// one to the other (nobody returns from `Deleting`).
    pub async fn change_status(&self, tenant: TenantId, from: TenantStatus, to: TenantStatus) -> Result<()> {
        if !leads(from, to) {
            return Err(Error::conflict("no tenant goes from the one status to the other"));
        }
        bounded(async {
            let mut tx = self.begin().await?;
            let now = lock(&mut tx, tenant).await?.status;
            if now == to {
                return Ok(());
            }
            if now != from {
                return Err(Error::conflict("the tenant is in another status; read it again"));
            }
            let query = sqlx::query("UPDATE registry.tenants SET status = $2 WHERE id = $1");
            query
                .bind(tenant)
                .bind(to.as_str())
                .execute(&mut *tx)
                .await
                .map_err(refused)?;
            commit(tx).await
        })
        .await
    }
}

/// The life of a tenant.
fn leads(from: TenantStatus, to: TenantStatus) -> bool {
    use TenantStatus::{Active, Deleting, Moving, Provisioning, Suspended};
    match from {
        Provisioning => matches!(to, Active | Deleting),
        Active => matches!(to, Suspended | Moving | Deleting),
        Suspended => matches!(to, Active | Deleting),
        Moving => matches!(to, Active | Suspended),
        Deleting => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows are where a tenant is, columns where it can go.
    const GOLDEN: &str = "\
provisioning -> active deleting
active       -> suspended moving deleting
suspended    -> active deleting
moving       -> active suspended
deleting     ->
";

    #[test]
    fn the_life_of_a_tenant() {
        let mut seen = String::new();
        for from in TenantStatus::ALL {
            let next = TenantStatus::ALL
                .into_iter()
                .filter(|&to| leads(from, to))
                .map(TenantStatus::as_str);
            let next = next.collect::<Vec<_>>().join(" ");
            seen += format!("{:<12} -> {next}", from.as_str()).trim_end();
            seen += "\n";
        }
        assert_eq!(seen, GOLDEN);
    }
}
