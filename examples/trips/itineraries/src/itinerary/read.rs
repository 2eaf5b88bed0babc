//! Reading itineraries.

use axum::{extract::State, response::Response};
use paging::{Page, Window};
use tenancy::{Error, Json, Path, Query, Result, TenantContext};

use super::{
    id::ItineraryId,
    model::{Itinerary, Viewer},
    queries,
};
use crate::{
    http::{Preconditions, not_modified, tagged},
    service::App,
};

pub(super) async fn list(
    ctx: TenantContext,
    State(app): State<App>,
    Query(window): Query<Window>,
) -> Result<Json<Page<Itinerary>>> {
    let mut db = app.core.read(&ctx).await?;
    let rows = queries::page(&mut db, Viewer::of(&ctx), &window).await?;
    Ok(Json(
        window.page("/itineraries", rows, |itinerary| itinerary.id.as_uuid()),
    ))
}

pub(super) async fn one(
    ctx: TenantContext,
    State(app): State<App>,
    Path(id): Path<ItineraryId>,
    preconditions: Preconditions,
) -> Result<Response> {
    let mut db = app.core.read(&ctx).await?;
    let found = queries::find(&mut db, Viewer::of(&ctx), id).await?;
    let itinerary = found.ok_or_else(|| Error::not_found("no itinerary that the caller sees"))?;
    let tag = itinerary.tag();
    Ok(if preconditions.has_current(&tag)? {
        not_modified(&tag)
    } else {
        tagged(&tag, itinerary)
    })
}
