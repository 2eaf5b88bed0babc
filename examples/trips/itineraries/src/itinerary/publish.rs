//! Publishing: whoever may, shows an itinerary to the whole tenant.

use axum::{extract::State, response::Response};
use tenancy::{Error, Path, Permit, Result};

use super::{
    id::{ItineraryId, KIND},
    model::Viewer,
    queries,
};
use crate::{http::tagged, service::App};

tenancy::permissions! {
    /// Publishes itineraries. Admins and owners do, and custom roles that list it (Enterprise).
    pub PublishItinerary = "trips:itinerary:publish", Admin, write;
}

/// Shows an itinerary that the actor sees, its own or another's, to every member of the tenant. Done twice, it is done once.
pub(super) async fn publish(
    permit: Permit<PublishItinerary>,
    State(app): State<App>,
    Path(id): Path<ItineraryId>,
) -> Result<Response> {
    let permit = permit.target("itinerary", id);
    let mut tx = app.core.begin(&permit).await?;
    let found = queries::lock(&mut tx, Viewer::of(permit.context()), id).await?;
    let mut itinerary = found.ok_or_else(|| Error::not_found("no itinerary that the caller sees"))?;
    if !itinerary.is_published() {
        itinerary = queries::publish(&mut tx, id).await?;
        permit.target(KIND, id);
    }
    tx.commit().await?;
    Ok(tagged(&itinerary.tag(), itinerary))
}
