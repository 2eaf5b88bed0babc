//! Who belongs to a tenant, and as what.

use sqlx::{Postgres, Transaction};
use tenancy_core::{
    Allowance, Error, Feature, IdentityTenant, Membership, MembershipKey, Plan, Result, Role, TenantId,
    TenantRecord, UserId,
};
use uuid::Uuid;

use super::{
    Registry,
    connect::{bounded, commit, lock},
    refusal::refused,
};
use crate::NewUser;

impl Registry {
    /// Makes a user of the tenant's pool a member, and answers the user's id: the one that the registry had, when it
    /// had the user, else `user.id`.
    ///
    /// # Errors
    ///
    /// `NotEntitled` when the plan has no members other than the owner (Free), `QuotaExceeded` when its seats are taken,
    /// `Conflict` when the user is a member already, `NotFound` when there is no such tenant.
    pub async fn add_member(&self, tenant: TenantId, user: &NewUser, role: Role) -> Result<UserId> {
        bounded(async {
            let mut tx = self.begin().await?;
            let record = lock(&mut tx, tenant).await?;
            seat(&record, count(&mut tx, tenant).await?)?;
            let id = upsert(&mut tx, &record.identity_tenant, user).await?;
            join(&mut tx, tenant, &record.identity_tenant, id, role).await?;
            commit(tx).await?;
            Ok(id)
        })
        .await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    ///
    /// `NotFound` when the user is no member, `Conflict` when it would leave the tenant without an owner.
    pub async fn set_role(&self, tenant: TenantId, user: UserId, role: Role) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            lock(&mut tx, tenant).await?;
            let text = "UPDATE registry.user_tenants SET role = $3 WHERE tenant_id = $1 AND user_id = $2";
            let query = sqlx::query(text).bind(tenant).bind(user).bind(role.as_str());
            let done = query.execute(&mut *tx).await.map_err(refused)?;
            is_member(done.rows_affected())?;
            commit(tx).await
        })
        .await
    }

    /// Ends a membership. The user stays known: the account is still in the tenant's pool.
    ///
    /// # Errors
    ///
    /// `NotFound` when the user is no member, `Conflict` when it would leave the tenant without an owner.
    pub async fn remove_member(&self, tenant: TenantId, user: UserId) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            lock(&mut tx, tenant).await?;
            let query =
                sqlx::query("DELETE FROM registry.user_tenants WHERE tenant_id = $1 AND user_id = $2");
            let done = query
                .bind(tenant)
                .bind(user)
                .execute(&mut *tx)
                .await
                .map_err(refused)?;
            is_member(done.rows_affected())?;
            commit(tx).await
        })
        .await
    }

    /// What a user is in a tenant, or `None`.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the database does not answer.
    pub async fn member(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        let row: Option<(UserId, String)> = bounded(async {
            let mut tx = self.begin().await?;
            let query = sqlx::query_as("SELECT user_id, role FROM registry.membership($1, $2, $3)");
            let query = query
                .bind(key.tenant)
                .bind(key.pool.as_str())
                .bind(key.subject.as_str());
            query.fetch_optional(&mut *tx).await.map_err(refused)
        })
        .await?;
        row.map(|(user, role)| {
            let unknown = |e| Error::internal("the registry holds an unknown role").with_source(e);
            Ok(Membership {
                user,
                role: role.parse::<Role>().map_err(unknown)?.into(),
            })
        })
        .transpose()
    }
}

/// Whether the plan has a seat for one more.
fn seat(record: &TenantRecord, members: u64) -> Result<()> {
    let plan = record.plan.clone().unwrap_or_else(|| Plan::of(record.tier));
    plan.require(Feature::Members)?;
    match plan.seats {
        Allowance::Limited(limit) if members >= limit => Err(Error::quota_exceeded("seats", limit, members)),
        _ => Ok(()),
    }
}

async fn count(tx: &mut Transaction<'_, Postgres>, tenant: TenantId) -> Result<u64> {
    let query = sqlx::query_scalar("SELECT count(*) FROM registry.user_tenants WHERE tenant_id = $1");
    let members: i64 = query.bind(tenant).fetch_one(&mut **tx).await.map_err(refused)?;
    Ok(members.unsigned_abs())
}

fn is_member(rows: u64) -> Result<()> {
    if rows == 0 {
        Err(Error::not_found("the user is no member of the tenant"))
    } else {
        Ok(())
    }
}

/// The user's id, new or known; a known user gets the e-mail address that the provider now has.
pub(super) async fn upsert(
    tx: &mut Transaction<'_, Postgres>,
    pool: &IdentityTenant,
    user: &NewUser,
) -> Result<UserId> {
    let text = "INSERT INTO registry.users (id, identity_tenant, firebase_uid, email) VALUES ($1, $2, $3, $4)
                ON CONFLICT (identity_tenant, firebase_uid) DO UPDATE SET email = excluded.email RETURNING id";
    let query = sqlx::query_scalar(text).bind(user.id).bind(pool.as_str());
    let query = query.bind(user.subject.as_str()).bind(user.email.as_str());
    query.fetch_one(&mut **tx).await.map_err(refused)
}

pub(super) async fn join(
    tx: &mut Transaction<'_, Postgres>,
    tenant: TenantId,
    pool: &IdentityTenant,
    user: UserId,
    role: Role,
) -> Result<()> {
    let text = "INSERT INTO registry.user_tenants (id, user_id, tenant_id, identity_tenant, role)
                VALUES ($1, $2, $3, $4, $5)";
    let query = sqlx::query(text).bind(Uuid::now_v7()).bind(user).bind(tenant);
    let query = query.bind(pool.as_str()).bind(role.as_str());
    query.execute(&mut **tx).await.map_err(refused)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tenancy_core::{Kind, Placement, Tier};

    use super::*;

    fn record(tier: Tier, seats: Option<Allowance>) -> TenantRecord {
        let plan = seats.map(|seats| Plan {
            seats,
            ..Plan::of(tier)
        });
        TenantRecord {
            id: TenantId::new(),
            slug: "acme".parse().unwrap(),
            name: "Acme".to_owned(),
            tier,
            status: tenancy_core::TenantStatus::Active,
            identity_tenant: "acme-x1y2z".parse().unwrap(),
            custom_host: None,
            plan,
            placement: Placement {
                epoch: tenancy_core::Epoch(0),
                sql: Default::default(),
                objects: Default::default(),
            },
        }
    }

    fn check(tier: Tier, seats: Option<Allowance>, members: u64, expect: Option<Kind>) {
        let refused = seat(&record(tier, seats), members).err().map(|e| e.kind());
        assert_eq!(refused, expect, "{tier} {seats:?} {members}");
    }

    #[test]
    fn a_plan_bounds_the_members() {
        use Allowance::{Limited, Unlimited};
        check(Tier::Free, None, 1, Some(Kind::NotEntitled));
        check(Tier::Free, Some(Limited(5)), 1, Some(Kind::NotEntitled));
        check(Tier::Standard, None, 19, None);
        check(Tier::Standard, None, 20, Some(Kind::QuotaExceeded));
        check(Tier::Standard, Some(Limited(30)), 20, None);
        check(Tier::Standard, Some(Limited(0)), 1, Some(Kind::QuotaExceeded));
        check(Tier::Enterprise, None, 100_000, None);
        check(Tier::Enterprise, Some(Unlimited), 1, None);
    }
}
