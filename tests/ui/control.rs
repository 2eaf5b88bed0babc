//! What is allowed compiles: the others fail for what they do, and not for how they are compiled.

use tests::{
    sqlx,
    tenancy_core::{DataWrite, Permit, Result, TenantContext},
    tenancy_sql::SqlHandle,
    tenancy_storage::{Object, ObjectHandle, ObjectKey},
};

async fn count(core: &SqlHandle, ctx: &TenantContext) -> Result<i64> {
    let mut conn = core.read(ctx).await?;
    Ok(sqlx::query_scalar("SELECT count(*) FROM itineraries").fetch_one(&mut conn).await?)
}

async fn clear(core: &SqlHandle, ctx: &TenantContext) -> Result<()> {
    let permit: Permit<DataWrite> = Permit::check(ctx)?;
    let mut tx = core.begin(&permit).await?;
    sqlx::query("DELETE FROM itineraries").execute(&mut tx).await?;
    tx.commit().await
}

async fn download(uploads: &ObjectHandle, ctx: &TenantContext, key: &ObjectKey) -> Result<Object> {
    uploads.get(ctx, key).await
}

fn main() {}
