//! Reading photos.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tenancy::{Error, Json, Kind, Object, Path, Result, TenantContext};

use super::{model::Photo, name::PhotoName, queries};
use crate::{
    http::{PRIVATE, Preconditions, not_modified},
    itinerary::{self, ItineraryId, Viewer},
    service::App,
};

/// An upload may replace a photo after its row was read and before its object is opened: then it is looked up again.
const ATTEMPTS: usize = 3;

/// Every photo of an itinerary: their number is bounded.
#[derive(Debug, Serialize)]
pub(super) struct Photos {
    items: Vec<Photo>,
}

pub(super) async fn list(
    ctx: TenantContext,
    State(app): State<App>,
    Path(id): Path<ItineraryId>,
) -> Result<Json<Photos>> {
    let mut db = app.core.read(&ctx).await?;
    let seen = itinerary::queries::find(&mut db, Viewer::of(&ctx), id).await?;
    seen.ok_or_else(|| Error::not_found("no itinerary that the caller sees"))?;
    let items = queries::list(&mut db, id).await?;
    Ok(Json(Photos { items }))
}

pub(super) async fn content(
    ctx: TenantContext,
    State(app): State<App>,
    Path((itinerary, name)): Path<(ItineraryId, PhotoName)>,
    preconditions: Preconditions,
) -> Result<Response> {
    for _ in 0..ATTEMPTS {
        let photo = find(&app, &ctx, itinerary, &name).await?;
        if preconditions.has_current(&photo.tag())? {
            return Ok(not_modified(&photo.tag()));
        }
        match app.uploads.get(&ctx, &photo.object.key()?).await {
            Err(error) if error.kind() == Kind::NotFound => {}
            object => return Ok(download(&photo, object?)),
        }
    }
    Err(Error::internal("a photo's object is missing"))
}

/// The connection goes back before the object is read: a slow download holds none.
async fn find(app: &App, ctx: &TenantContext, itinerary: ItineraryId, name: &PhotoName) -> Result<Photo> {
    let mut db = app.core.read(ctx).await?;
    let found = queries::find(&mut db, Viewer::of(ctx), itinerary, name).await?;
    found.ok_or_else(|| Error::not_found("no photo that the caller sees"))
}

fn download(photo: &Photo, object: Object) -> Response {
    (headers(photo), Body::from_stream(object.content)).into_response()
}

/// What a tenant uploaded is never run by a browser: its type is one of ours and not to be guessed, and opened by itself
/// it is a download.
fn headers(photo: &Photo) -> [(HeaderName, HeaderValue); 7] {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", photo.name));
    [
        (header::CONTENT_TYPE, photo.content_type.header()),
        (header::CONTENT_LENGTH, HeaderValue::from(photo.size)),
        (
            header::CONTENT_DISPOSITION,
            disposition.unwrap_or(HeaderValue::from_static("attachment")),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::CACHE_CONTROL, PRIVATE),
        (header::ETAG, photo.tag().header()),
    ]
}
