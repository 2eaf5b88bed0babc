//! `/itineraries/{id}/comments` and `/comments/{id}`.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use paging::{Page, Window};
use tenancy::{DataWrite, Error, Json, Path, Permit, Query, Result, TenantContext};

use super::{
    model::{Comment, CommentId, Draft},
    queries,
};
use crate::{itinerary::Seen, service::App};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/itineraries/{id}/comments", get(list).post(write))
        .route("/comments/{id}", get(one).delete(remove))
}

async fn list(
    ctx: TenantContext,
    State(app): State<App>,
    Seen(itinerary): Seen,
    Query(window): Query<Window>,
) -> Result<Json<Page<Comment>>> {
    let mut db = app.social.read(&ctx).await?;
    let rows = queries::page(&mut db, itinerary, &window).await?;
    let path = format!("/itineraries/{itinerary}/comments");
    Ok(Json(window.page(&path, rows, |comment| comment.id.as_uuid())))
}

async fn one(ctx: TenantContext, State(app): State<App>, Path(id): Path<CommentId>) -> Result<Json<Comment>> {
    let mut db = app.social.read(&ctx).await?;
    let found = queries::find(&mut db, id).await?;
    drop(db); // the other service may take longer than a connection should be held
    let comment = found.ok_or_else(|| Error::not_found("no such comment in this tenant"))?;
    app.itineraries.seen_by(&ctx, comment.itinerary).await?;
    Ok(Json(comment))
}

async fn write(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Seen(itinerary): Seen,
    Json(draft): Json<Draft>,
) -> Result<Response> {
    let text = draft.check()?;
    let permit = permit.target("itinerary", itinerary);
    let mut tx = app.social.begin(&permit).await?;
    let comment = queries::insert(&mut tx, itinerary, permit.user_id()?, &text).await?;
    tx.commit().await?;
    let location = [(header::LOCATION, format!("/comments/{}", comment.id))];
    Ok((StatusCode::CREATED, location, Json(comment)).into_response())
}

async fn remove(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Path(id): Path<CommentId>,
) -> Result<StatusCode> {
    let mut tx = app.social.begin(&permit).await?;
    let found = queries::lock(&mut tx, id).await?;
    let (author, itinerary) = found.ok_or_else(|| Error::not_found("no such comment in this tenant"))?;
    let permit = permit.target("comment", id);
    if let Err(forbidden) = permit.on(author) {
        tx.rollback().await?; // the other service may take longer than a row should be locked
        app.itineraries.seen_by(permit.context(), itinerary).await?;
        return Err(forbidden);
    }
    queries::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
