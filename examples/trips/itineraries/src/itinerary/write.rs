//! Writing itineraries.

use axum::{extract::State, http::StatusCode, response::Response};
use tenancy::{DataWrite, Error, Json, Path, Permit, Result, Transaction};

use super::{
    content::Content,
    id::{ItineraryId, KIND},
    input::{Change, Draft},
    model::{Itinerary, Viewer},
    queries,
};
use crate::{
    http::{RequiredMatch, created, tagged},
    photo,
    service::App,
    user,
};

pub(super) async fn create(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Json(draft): Json<Draft>,
) -> Result<Response> {
    let content = Content::from(draft).check()?;
    let id = ItineraryId::new();
    let permit = permit.target(KIND, id);
    let mut tx = app.core.begin(&permit).await?;
    user::queries::ensure(&mut tx, permit.user_id()?).await?;
    let itinerary = queries::insert(&mut tx, id, permit.user_id()?, &content).await?;
    tx.commit().await?;
    Ok(created(&itinerary.path(), &itinerary.tag(), itinerary))
}

/// A change that changes nothing leaves the version as it is.
pub(super) async fn change(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Path(id): Path<ItineraryId>,
    RequiredMatch(preconditions): RequiredMatch,
    Json(change): Json<Change>,
) -> Result<Response> {
    let mut tx = app.core.begin(&permit).await?;
    let mut itinerary = lock_for_change(&mut tx, &permit, id).await?;
    preconditions.allow_change(Some(&itinerary.tag()))?;
    let content = change.onto(itinerary.content.clone()).check()?;
    if content != itinerary.content {
        itinerary = queries::update(&mut tx, id, &content).await?;
    }
    tx.commit().await?;
    Ok(tagged(&itinerary.tag(), itinerary))
}

pub(super) async fn remove(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Path(id): Path<ItineraryId>,
    RequiredMatch(preconditions): RequiredMatch,
) -> Result<StatusCode> {
    let mut tx = app.core.begin(&permit).await?;
    let itinerary = lock_for_change(&mut tx, &permit, id).await?;
    preconditions.allow_change(Some(&itinerary.tag()))?;
    photo::remove_all(&mut tx, id).await?;
    queries::delete(&mut tx, id).await?;
    tx.commit().await?;
    photo::sweep(&app, &permit).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Locks an itinerary that the actor may change, until the transaction ends.
///
/// # Errors
///
/// 404 when the actor does not see it, 403 when it sees it and may not change it.
pub(crate) async fn lock_for_change(
    tx: &mut Transaction,
    permit: &Permit<DataWrite>,
    id: ItineraryId,
) -> Result<Itinerary> {
    let found = queries::lock(tx, Viewer::of(permit.context()), id).await?;
    let itinerary = found.ok_or_else(|| Error::not_found("no itinerary that the caller sees"))?;
    permit.target(KIND, id).on(itinerary.owner)?;
    Ok(itinerary)
}
