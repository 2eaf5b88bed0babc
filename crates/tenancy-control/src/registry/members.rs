//! Who belongs to a tenant, and as what.

use sqlx::{Postgres, Transaction};
use tenancy_core::{
    Feature, IdentityTenant, Limit, Membership, MembershipKey, PlanBook, Result, Role, TenantId,
    TenantRecord, UserId,
    registry::{MemberRow, membership},
};

use super::{
    Registry,
    connect::{bounded, commit, lock},
    membership::{end, join, set},
    refusal::refused,
};
use crate::NewUser;

impl Registry {
    /// As the platform itself: makes a user of the tenant's pool a member, and answers the user's id: the one that the registry had, when it
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
            self.seat(&mut tx, &record).await?;
            let id = upsert(&mut tx, &record.identity_tenant, user).await?;
            join(&mut tx, &record, id, &role.into()).await?;
            commit(tx).await?;
            Ok(id)
        })
        .await
    }

    /// As the platform itself: gives a member another role.
    ///
    /// # Errors
    ///
    /// `NotFound` when the user is no member, `Conflict` when it would leave the tenant without an owner.
    pub async fn set_role(&self, tenant: TenantId, user: UserId, role: Role) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            lock(&mut tx, tenant).await?;
            set(&mut tx, tenant, user, &role.into()).await?;
            commit(tx).await
        })
        .await
    }

    /// As the platform itself: ends a membership. The user stays known: the account is still in the tenant's pool.
    ///
    /// # Errors
    ///
    /// `NotFound` when the user is no member, `Conflict` when it would leave the tenant without an owner.
    pub async fn remove_member(&self, tenant: TenantId, user: UserId) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            lock(&mut tx, tenant).await?;
            end(&mut tx, tenant, user).await?;
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
        bounded(async {
            let mut tx = self.begin().await?;
            let text = "SELECT user_id, role, custom_role, permissions, version FROM registry.membership($1, $2, $3)";
            let query = sqlx::query_as(text).bind(key.tenant).bind(key.pool.as_str());
            let query = query.bind(key.subject.as_str());
            let row: Option<MemberRow> = query.fetch_optional(&mut *tx).await.map_err(refused)?;
            row.map(membership).transpose()
        })
        .await
    }

    /// Whether the plan has a seat for one more.
    pub(super) async fn seat(&self, tx: &mut Transaction<'_, Postgres>, record: &TenantRecord) -> Result<()> {
        seat(&self.plans, record, count(tx, record.id).await?)
    }
}

fn seat(plans: &PlanBook, record: &TenantRecord, members: u64) -> Result<()> {
    let plan = plans.plan_of(record);
    plans.require(&plan, Feature::Members)?;
    plan.room(Limit::Seats, members, 1)
}

async fn count(tx: &mut Transaction<'_, Postgres>, tenant: TenantId) -> Result<u64> {
    let query = sqlx::query_scalar("SELECT count(*) FROM registry.user_tenants WHERE tenant_id = $1");
    let members: i64 = query.bind(tenant).fetch_one(&mut **tx).await.map_err(refused)?;
    Ok(members.unsigned_abs())
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

#[cfg(test)]
mod tests {
    use tenancy_core::{Allowance, Kind, Placement, PlanChanges, Tier};

    use super::*;

    fn record(tier: Tier, seats: Option<Allowance>) -> TenantRecord {
        let changes = PlanChanges {
            seats,
            ..PlanChanges::default()
        };
        TenantRecord {
            id: TenantId::new(),
            slug: "acme".parse().unwrap(),
            name: "Acme".to_owned(),
            tier,
            status: tenancy_core::TenantStatus::Active,
            identity_tenant: "acme-x1y2z".parse().unwrap(),
            custom_host: None,
            plan: seats.map(|_| changes.into()),
            placement: Placement {
                epoch: tenancy_core::Epoch(0),
                sql: Default::default(),
                objects: Default::default(),
                documents: Default::default(),
                graph: Default::default(),
            },
        }
    }

    fn check(tier: Tier, seats: Option<Allowance>, members: u64, expect: Option<Kind>) {
        let refused = seat(&PlanBook::default(), &record(tier, seats), members).err();
        assert_eq!(refused.map(|e| e.kind()), expect, "{tier} {seats:?} {members}");
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
