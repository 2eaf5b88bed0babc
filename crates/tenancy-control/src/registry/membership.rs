//! One row of `user_tenants`, within a transaction that holds the tenant.

use sqlx::{Postgres, Transaction};
use tenancy_core::{
    Error, MemberRole, Result, RoleChoice, TenantId, TenantRecord, UserId,
    registry::{MemberRow, membership},
};
use uuid::Uuid;

use super::refusal::refused;

/// A choice as its two columns.
fn columns(role: &RoleChoice) -> (&str, Option<&str>) {
    match role {
        RoleChoice::Fixed(role) => (role.as_str(), None),
        RoleChoice::Custom(name) => ("custom", Some(name.as_str())),
    }
}

/// What a user is in the tenant.
pub(super) async fn role_of(
    tx: &mut Transaction<'_, Postgres>,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<MemberRole>> {
    let text = "SELECT m.user_id, m.role::text, m.custom_role::text, r.permissions, r.version
                FROM registry.user_tenants m
                LEFT JOIN registry.roles r ON r.tenant_id = m.tenant_id AND r.name = m.custom_role
                WHERE m.tenant_id = $1 AND m.user_id = $2";
    let query = sqlx::query_as(text).bind(tenant).bind(user);
    let row: Option<MemberRow> = query.fetch_optional(&mut **tx).await.map_err(refused)?;
    Ok(row.map(membership).transpose()?.map(|member| member.role))
}

pub(super) async fn join(
    tx: &mut Transaction<'_, Postgres>,
    record: &TenantRecord,
    user: UserId,
    role: &RoleChoice,
) -> Result<()> {
    let text =
        "INSERT INTO registry.user_tenants (id, user_id, tenant_id, identity_tenant, role, custom_role)
                VALUES ($1, $2, $3, $4, $5, $6)";
    let (role, custom) = columns(role);
    let query = sqlx::query(text).bind(Uuid::now_v7()).bind(user).bind(record.id);
    let query = query
        .bind(record.identity_tenant.as_str())
        .bind(role)
        .bind(custom);
    query.execute(&mut **tx).await.map_err(refused)?;
    Ok(())
}

pub(super) async fn set(
    tx: &mut Transaction<'_, Postgres>,
    tenant: TenantId,
    user: UserId,
    role: &RoleChoice,
) -> Result<()> {
    let text =
        "UPDATE registry.user_tenants SET role = $3, custom_role = $4 WHERE tenant_id = $1 AND user_id = $2";
    let (role, custom) = columns(role);
    let query = sqlx::query(text).bind(tenant).bind(user).bind(role).bind(custom);
    let done = query.execute(&mut **tx).await.map_err(refused)?;
    is_member(done.rows_affected())
}

pub(super) async fn end(tx: &mut Transaction<'_, Postgres>, tenant: TenantId, user: UserId) -> Result<()> {
    let query = sqlx::query("DELETE FROM registry.user_tenants WHERE tenant_id = $1 AND user_id = $2");
    let query = query.bind(tenant).bind(user);
    let done = query.execute(&mut **tx).await.map_err(refused)?;
    is_member(done.rows_affected())
}

fn is_member(rows: u64) -> Result<()> {
    if rows == 0 { Err(no_member()) } else { Ok(()) }
}

pub(super) fn no_member() -> Error {
    Error::not_found("the user is no member of the tenant")
}
