//! Members as one of them changes them: nobody gives or takes what exceeds their own role.

use std::sync::Arc;

use sqlx::{Postgres, Transaction};
use tenancy_core::{
    Error, Feature, MemberRole, Permission, PermissionCatalogue, Plan, Result, RoleChoice, SettingsUpdate,
    Target, TenantContext, TenantRecord, UserId, UsersInvite, UsersRemove, check_grant, decide_role,
};

use super::{
    Registry,
    connect::bounded,
    deed::{Act, Deed, Entry},
    members::upsert,
    membership::{end, join, no_member, role_of, set},
    roles,
};
use crate::NewUser;

/// The one who acts, as the registry knows it while it holds the tenant: a context may be a second old.
pub(super) struct Granter {
    pub(super) user: UserId,
    pub(super) role: MemberRole,
    pub(super) record: TenantRecord,
    pub(super) plan: Arc<Plan>,
}

impl Registry {
    /// In the name of the member who acts: makes a user of the tenant's pool a member, as
    /// [`add_member`](Self::add_member).
    ///
    /// # Errors
    ///
    /// As there, and `Forbidden` when the member may not invite (`tenant:users:invite`) or the role exceeds its own,
    /// `Invalid` when the tenant has no such custom role.
    pub async fn add_member_by(
        &self,
        granter: &TenantContext,
        user: &NewUser,
        role: &RoleChoice,
        catalogue: &PermissionCatalogue,
    ) -> Result<UserId> {
        bounded(async {
            let deed = Deed::new("add_member", &UsersInvite::DEF, Target::new("user", user.id));
            let mut act = self.act(granter, deed.giving(role)).await?;
            let done = self.add(&mut act, user, role, catalogue).await;
            self.end(act, done).await
        })
        .await
    }

    /// In the name of the member who acts: gives a member another role, one of the four or one that the tenant made.
    ///
    /// # Errors
    ///
    /// `Forbidden` when the member who acts may not manage roles (`tenant:settings:update`), or the old or the new role
    /// exceeds its own (`tenant:admins:manage` for admins and owners), `NotEntitled` for a custom role that the plan does
    /// not have, `Invalid` when there is none of that name, `NotFound` when the user is no member, `Conflict` when it would
    /// leave the tenant without an owner.
    pub async fn assign_role(
        &self,
        granter: &TenantContext,
        user: UserId,
        role: &RoleChoice,
        catalogue: &PermissionCatalogue,
    ) -> Result<()> {
        bounded(async {
            let deed = Deed::new("assign_role", &SettingsUpdate::DEF, Target::new("user", user));
            let mut act = self.act(granter, deed.giving(role)).await?;
            let done = async {
                check_present(&mut act, user, catalogue).await?;
                self.check_choice(&mut act, role, catalogue).await?;
                set(&mut act.tx, act.granter.record.id, user, role).await
            };
            let done = done.await;
            self.end(act, done).await
        })
        .await
    }

    /// In the name of the member who acts: ends a membership, as [`remove_member`](Self::remove_member).
    ///
    /// # Errors
    ///
    /// As there, and `Forbidden` when the member may not remove users (`tenant:users:remove`) or the other's role exceeds
    /// its own.
    pub async fn remove_member_by(
        &self,
        granter: &TenantContext,
        user: UserId,
        catalogue: &PermissionCatalogue,
    ) -> Result<()> {
        bounded(async {
            let deed = Deed::new("remove_member", &UsersRemove::DEF, Target::new("user", user));
            let mut act = self.act(granter, deed).await?;
            let done = async {
                check_present(&mut act, user, catalogue).await?;
                end(&mut act.tx, act.granter.record.id, user).await
            };
            let done = done.await;
            self.end(act, done).await
        })
        .await
    }

    /// Looks up what the member who acts is in the tenant now, and whether that has the deed's permission.
    pub(super) async fn granter(
        &self,
        tx: &mut Transaction<'_, Postgres>,
        context: &TenantContext,
        record: TenantRecord,
        entry: &mut Entry,
    ) -> Result<Granter> {
        let permission = entry.deed.permission;
        let lacks = |why: &'static str| Error::forbidden(permission.name()).with_log(why);
        let user = context.user_id();
        let user = user.ok_or_else(|| lacks("only a member manages members and roles"))?;
        let plan = self.plans.plan_of(&record);
        let role = role_of(tx, record.id, user).await?;
        let role = role.map(|role| role.under(&plan));
        entry.is(role.as_ref());
        let role = role.ok_or_else(|| lacks("the one who acts is no member any more"))?;
        let decision = decide_role(&role, permission);
        entry.decided(decision);
        if !decision.allowed {
            return Err(lacks(
                "the role of the one who acts lacks it, as the registry has it now",
            ));
        }
        Ok(Granter {
            user,
            role,
            record,
            plan,
        })
    }

    async fn add(
        &self,
        act: &mut Act,
        user: &NewUser,
        role: &RoleChoice,
        catalogue: &PermissionCatalogue,
    ) -> Result<UserId> {
        self.seat(&mut act.tx, &act.granter.record).await?;
        self.check_choice(act, role, catalogue).await?;
        let record = &act.granter.record;
        let id = upsert(&mut act.tx, &record.identity_tenant, user).await?;
        // the registry may have known the user by another id
        act.entry.deed.target = Target::new("user", id);
        join(&mut act.tx, record, id, role).await?;
        Ok(id)
    }

    async fn check_choice(
        &self,
        Act { tx, granter, .. }: &mut Act,
        choice: &RoleChoice,
        catalogue: &PermissionCatalogue,
    ) -> Result<()> {
        let role = match choice {
            RoleChoice::Fixed(role) => MemberRole::Fixed(*role),
            RoleChoice::Custom(name) => {
                self.plans.require(&granter.plan, Feature::CustomRoles)?;
                let role = roles::find(tx, granter.record.id, name).await?;
                MemberRole::Custom(Arc::new(role.ok_or_else(roles::unknown)?))
            }
        };
        check_grant(&granter.role, &role, catalogue)
    }
}

/// The role that is taken away must not exceed the granter's either.
async fn check_present(
    Act { tx, granter, .. }: &mut Act,
    user: UserId,
    catalogue: &PermissionCatalogue,
) -> Result<()> {
    let present = role_of(tx, granter.record.id, user).await?;
    check_grant(&granter.role, &present.ok_or_else(no_member)?, catalogue)
}
