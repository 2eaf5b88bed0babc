//! The roles that a tenant makes of permissions (Enterprise).

use std::sync::Arc;

use sqlx::{Postgres, Transaction};
use tenancy_core::{
    CustomRole, CustomRoleName, Error, Feature, FieldError, MemberRole, Permission, PermissionCatalogue,
    PermissionNames, Result, SettingsUpdate, Target, TenantContext, TenantId, check_custom_role, check_grant,
};

use super::{
    Registry,
    connect::bounded,
    deed::{Act, Deed},
    granter::Granter,
    refusal::refused,
};

/// How many roles a tenant makes at most.
const MOST: u64 = 100;

type RoleRow = (String, Vec<String>, i64);

impl Registry {
    /// In the name of the member who acts: makes a role of permissions.
    ///
    /// # Errors
    ///
    /// `NotEntitled` when the plan has no custom roles, `Forbidden` when the member may not manage roles
    /// (`tenant:settings:update`) or lacks one of the permissions itself, `Invalid` when the catalogue does not know one of
    /// them or it is the owner's alone, `Conflict` when there is a role of this name, `QuotaExceeded` at 100 roles.
    pub async fn define_role(
        &self,
        granter: &TenantContext,
        name: &CustomRoleName,
        permissions: &PermissionNames,
        catalogue: &PermissionCatalogue,
    ) -> Result<()> {
        bounded(async {
            let deed = deed("define_role", name).listing(permissions);
            let mut act = self.act(granter, deed).await?;
            let done = async {
                self.check_plan(&act)?;
                check_new(&act.granter, name, permissions, catalogue)?;
                check_count(&mut act.tx, act.granter.record.id).await?;
                insert(&mut act, name, permissions).await
            };
            let done = done.await;
            self.end(act, done).await
        })
        .await
    }

    /// In the name of the member who acts: gives a role other permissions, and answers its new version. Its members have
    /// them at once.
    ///
    /// # Errors
    ///
    /// As [`define_role`](Self::define_role), `Forbidden` also when the role exceeds the member's own as it is, `NotFound`
    /// when there is no such role.
    pub async fn update_role(
        &self,
        granter: &TenantContext,
        name: &CustomRoleName,
        permissions: &PermissionNames,
        catalogue: &PermissionCatalogue,
    ) -> Result<u64> {
        bounded(async {
            let deed = deed("update_role", name).listing(permissions);
            let mut act = self.act(granter, deed).await?;
            let done = async {
                self.check_plan(&act)?;
                check_old(&mut act, name, catalogue).await?;
                check_new(&act.granter, name, permissions, catalogue)?;
                update(&mut act, name, permissions).await
            };
            let done = done.await;
            self.end(act, done).await
        })
        .await
    }

    /// In the name of the member who acts: deletes a role that nobody has.
    ///
    /// # Errors
    ///
    /// `Conflict` while members have it, `Forbidden` when the member may not manage roles or the role exceeds its own,
    /// `NotFound` when there is no such role. Not `NotEntitled`: what a plan left behind can be cleared away.
    pub async fn delete_role(
        &self,
        granter: &TenantContext,
        name: &CustomRoleName,
        catalogue: &PermissionCatalogue,
    ) -> Result<()> {
        bounded(async {
            let mut act = self.act(granter, deed("delete_role", name)).await?;
            let done = async {
                check_old(&mut act, name, catalogue).await?;
                let query = sqlx::query("DELETE FROM registry.roles WHERE tenant_id = $1 AND name = $2");
                let query = query.bind(act.granter.record.id).bind(name.as_str());
                query.execute(&mut *act.tx).await.map_err(refused)?;
                Ok(())
            };
            let done = done.await;
            self.end(act, done).await
        })
        .await
    }

    /// The roles that a tenant made, by name. At most 100.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the database does not answer.
    pub async fn roles(&self, tenant: TenantId) -> Result<Vec<CustomRole>> {
        bounded(async {
            let mut tx = self.begin().await?;
            let text =
                "SELECT name::text, permissions, version FROM registry.roles WHERE tenant_id = $1 ORDER BY name";
            let query = sqlx::query_as(text).bind(tenant);
            let rows: Vec<RoleRow> = query.fetch_all(&mut *tx).await.map_err(refused)?;
            rows.into_iter().map(read).collect()
        })
        .await
    }

    fn check_plan(&self, act: &Act) -> Result<()> {
        self.plans.require(&act.granter.plan, Feature::CustomRoles)
    }
}

fn deed(name: &'static str, role: &CustomRoleName) -> Deed {
    Deed::new(name, &SettingsUpdate::DEF, Target::new("role", role))
}

async fn insert(act: &mut Act, name: &CustomRoleName, permissions: &PermissionNames) -> Result<()> {
    let text =
        "INSERT INTO registry.roles (tenant_id, name, permissions, created_by) VALUES ($1, $2, $3, $4)";
    let query = sqlx::query(text).bind(act.granter.record.id).bind(name.as_str());
    let query = query.bind(texts(permissions)).bind(act.granter.user);
    query.execute(&mut *act.tx).await.map_err(refused)?;
    Ok(())
}

/// The version that the statement asks for is the least; the database gives the tenant's next one.
async fn update(act: &mut Act, name: &CustomRoleName, permissions: &PermissionNames) -> Result<u64> {
    let text = "UPDATE registry.roles SET permissions = $3, version = version + 1
                WHERE tenant_id = $1 AND name = $2 RETURNING version";
    let query = sqlx::query_scalar(text).bind(act.granter.record.id);
    let query = query.bind(name.as_str()).bind(texts(permissions));
    let version: i64 = query.fetch_one(&mut *act.tx).await.map_err(refused)?;
    Ok(version.unsigned_abs())
}

fn check_new(
    granter: &Granter,
    name: &CustomRoleName,
    permissions: &PermissionNames,
    catalogue: &PermissionCatalogue,
) -> Result<()> {
    check_custom_role(permissions, catalogue)?;
    let role = CustomRole {
        name: name.clone(),
        permissions: permissions.clone(),
        version: 1,
    };
    check_grant(&granter.role, &MemberRole::Custom(Arc::new(role)), catalogue)
}

async fn check_old(
    Act { tx, granter, .. }: &mut Act,
    name: &CustomRoleName,
    catalogue: &PermissionCatalogue,
) -> Result<()> {
    let old = find(tx, granter.record.id, name).await?;
    let old = old.ok_or_else(|| Error::not_found("the tenant has no such role"))?;
    check_grant(&granter.role, &MemberRole::Custom(Arc::new(old)), catalogue)
}

async fn check_count(tx: &mut Transaction<'_, Postgres>, tenant: TenantId) -> Result<()> {
    let query = sqlx::query_scalar("SELECT count(*) FROM registry.roles WHERE tenant_id = $1");
    let roles: i64 = query.bind(tenant).fetch_one(&mut **tx).await.map_err(refused)?;
    match roles.unsigned_abs() {
        roles if roles >= MOST => Err(Error::quota_exceeded("custom_roles", MOST, roles)),
        _ => Ok(()),
    }
}

pub(super) async fn find(
    tx: &mut Transaction<'_, Postgres>,
    tenant: TenantId,
    name: &CustomRoleName,
) -> Result<Option<CustomRole>> {
    let text =
        "SELECT name::text, permissions, version FROM registry.roles WHERE tenant_id = $1 AND name = $2";
    let query = sqlx::query_as(text).bind(tenant).bind(name.as_str());
    let row: Option<RoleRow> = query.fetch_optional(&mut **tx).await.map_err(refused)?;
    row.map(read).transpose()
}

/// A choice names a role that is not there.
pub(super) fn unknown() -> Error {
    Error::invalid(vec![FieldError::new(
        "role",
        "the tenant has no role of this name",
    )])
}

fn read((name, permissions, version): RoleRow) -> Result<CustomRole> {
    let broken = "the registry holds a role that is none";
    let names = permissions.iter().map(String::as_str);
    Ok(CustomRole {
        name: name
            .parse()
            .map_err(|cause: tenancy_core::ParseCustomRoleError| {
                Error::internal(broken).with_source(cause)
            })?,
        permissions: PermissionNames::parse(names)
            .map_err(|cause| Error::internal(broken).with_source(cause))?,
        version: version.unsigned_abs(),
    })
}

fn texts(permissions: &PermissionNames) -> Vec<&str> {
    permissions.iter().collect()
}
