//! `/exports` and `/exports/{id}`.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tenancy::{DataWrite, Error, Json, Path, Permit, Result, TenantContext};

use super::{
    model::{Export, ExportId},
    queries,
};
use crate::{itinerary::Viewer, service::App, user};

/// How many exports of a user are kept: the newest. Each may be megabytes, and asking is cheap.
const KEPT: i64 = 10;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/exports", post(ask))
        .route("/exports/{id}", get(one))
}

/// 202: it is queued, in the transaction that notes it.
async fn ask(permit: Permit<DataWrite>, State(app): State<App>) -> Result<Response> {
    let (id, owner) = (ExportId::new(), permit.user_id()?);
    let envelope = app.queue.seal(permit.context(), id.payload())?;
    let mut tx = app.core.begin(&permit).await?;
    user::queries::ensure(&mut tx, owner).await?;
    queries::make_room(&mut tx, owner, KEPT - 1).await?;
    let export = queries::insert(&mut tx, id, owner, &envelope).await?;
    tx.commit().await?;
    let location = [(header::LOCATION, format!("/exports/{id}"))];
    Ok((StatusCode::ACCEPTED, location, Json(export)).into_response())
}

async fn one(ctx: TenantContext, State(app): State<App>, Path(id): Path<ExportId>) -> Result<Json<Export>> {
    let mut db = app.core.read(&ctx).await?;
    let found = queries::find(&mut db, Viewer::of(&ctx), id).await?;
    found
        .map(Json)
        .ok_or_else(|| Error::not_found("no export of the caller's"))
}
