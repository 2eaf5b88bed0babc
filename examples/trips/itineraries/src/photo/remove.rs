//! Removing photos: rows first, objects after.

use axum::{extract::State, http::StatusCode};
use tenancy::{DataWrite, Error, Path, Permit, Result, Transaction};

use super::{loose, name::PhotoName, queries};
use crate::{
    http::Preconditions,
    itinerary::{ItineraryId, Viewer, lock_for_change},
    service::App,
};

pub(super) async fn one(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Path((itinerary, name)): Path<(ItineraryId, PhotoName)>,
    preconditions: Preconditions,
) -> Result<StatusCode> {
    let mut tx = app.core.begin(&permit).await?;
    lock_for_change(&mut tx, &permit, itinerary).await?;
    let found = queries::find(&mut tx, Viewer::of(permit.context()), itinerary, &name).await?;
    let photo = found.ok_or_else(|| Error::not_found("no such photo"))?;
    preconditions.allow_change(Some(&photo.tag()))?;
    queries::remove(&mut tx, itinerary, &name).await?;
    tx.commit().await?;
    loose::sweep(&app, &permit).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes the photos of an itinerary that goes; [`sweep`](super::sweep) after the commit.
pub(crate) async fn remove_all(tx: &mut Transaction, itinerary: ItineraryId) -> Result<()> {
    Ok(queries::remove_all(tx, itinerary).await?)
}
