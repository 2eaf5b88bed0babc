//! `/itineraries/{id}/likes`.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use tenancy::{DataWrite, Json, Path, Permit, Result, TenantContext};

use super::queries::{self, Likes};
use crate::{
    itinerary::{ItineraryId, Seen},
    service::App,
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/itineraries/{id}/likes", get(count).put(set).delete(clear))
}

async fn count(ctx: TenantContext, State(app): State<App>, Seen(itinerary): Seen) -> Result<Json<Likes>> {
    let mut db = app.social.read(&ctx).await?;
    Ok(Json(queries::count(&mut db, itinerary, ctx.user_id()).await?))
}

async fn set(permit: Permit<DataWrite>, State(app): State<App>, Seen(itinerary): Seen) -> Result<StatusCode> {
    let permit = permit.target("itinerary", itinerary);
    let mut tx = app.social.begin(&permit).await?;
    queries::set(&mut tx, itinerary, permit.user_id()?).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Path(itinerary): Path<ItineraryId>,
) -> Result<StatusCode> {
    let permit = permit.target("itinerary", itinerary);
    let mut tx = app.social.begin(&permit).await?;
    queries::clear(&mut tx, itinerary, permit.user_id()?).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
