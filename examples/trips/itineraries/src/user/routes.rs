//! `/users`.

use axum::{Router, extract::State, routing::get};
use tenancy::{DataWrite, Error, Json, Path, Permit, Result, TenantContext, UserId};

use super::{
    model::{Profile, User},
    queries,
};
use crate::service::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/users/me", get(me).put(rename))
        .route("/users/{id}", get(other))
}

/// The caller: a member of the tenant, whether or not it has written anything yet. A service has no page of its own.
async fn me(ctx: TenantContext, State(app): State<App>) -> Result<Json<User>> {
    let id = ctx
        .user_id()
        .ok_or_else(|| Error::not_found("it is no user who asks"))?;
    let mut db = app.core.read(&ctx).await?;
    let found = queries::find(&mut db, id).await?;
    let unnamed = || User {
        id,
        display_name: None,
    };
    Ok(Json(found.unwrap_or_else(unnamed)))
}

async fn other(ctx: TenantContext, State(app): State<App>, Path(id): Path<UserId>) -> Result<Json<User>> {
    let mut db = app.core.read(&ctx).await?;
    let found = queries::find(&mut db, id).await?;
    found
        .map(Json)
        .ok_or_else(|| Error::not_found("no such user in this tenant"))
}

async fn rename(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Json(profile): Json<Profile>,
) -> Result<Json<User>> {
    let name = profile.check()?;
    let mut tx = app.core.begin(&permit).await?;
    let user = queries::name(&mut tx, permit.user_id()?, &name).await?;
    tx.commit().await?;
    Ok(Json(user))
}
