//! The statements on `photos`. No tenant in them: the database fences the rows.

use sqlx::PgExecutor;

use super::{
    body::Upload,
    model::{ObjectId, Photo},
    name::PhotoName,
};
use crate::itinerary::{ItineraryId, Viewer, queries::visible};

macro_rules! columns {
    () => {
        "photos.name, object, content_type, size, sha256, photos.created_at, photos.updated_at"
    };
}

/// The photos of an itinerary that the caller sees.
pub(super) async fn list(db: impl PgExecutor<'_>, itinerary: ItineraryId) -> sqlx::Result<Vec<Photo>> {
    sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM photos WHERE itinerary = $1 ORDER BY name"
    ))
    .bind(itinerary)
    .fetch_all(db)
    .await
}

pub(super) async fn find(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    itinerary: ItineraryId,
    name: &PhotoName,
) -> sqlx::Result<Option<Photo>> {
    sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM photos JOIN itineraries ON itineraries.id = photos.itinerary
         WHERE ",
        visible!(),
        " AND itinerary = $3 AND name = $4"
    ))
    .bind(viewer.user)
    .bind(viewer.all)
    .bind(itinerary)
    .bind(name)
    .fetch_optional(db)
    .await
}

/// How many photos an itinerary has.
pub(super) async fn count(db: impl PgExecutor<'_>, itinerary: ItineraryId) -> sqlx::Result<i64> {
    let count = sqlx::query_scalar("SELECT count(*) FROM photos WHERE itinerary = $1");
    count.bind(itinerary).fetch_one(db).await
}

/// Points a photo to an object.
pub(super) async fn show(
    db: impl PgExecutor<'_>,
    itinerary: ItineraryId,
    name: &PhotoName,
    object: ObjectId,
    upload: &Upload,
) -> sqlx::Result<Photo> {
    sqlx::query_as(concat!(
        "INSERT INTO photos (itinerary, name, object, content_type, size, sha256) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT ON CONSTRAINT photos_key DO UPDATE SET object = excluded.object, size = excluded.size,
            content_type = excluded.content_type, sha256 = excluded.sha256, updated_at = now()
         RETURNING ",
        columns!()
    ))
    .bind(itinerary)
    .bind(name)
    .bind(object)
    .bind(upload.media_type)
    .bind(upload.size())
    .bind(&upload.sha256)
    .fetch_one(db)
    .await
}

/// Removes a photo and notes its object as doomed.
pub(super) async fn remove(
    db: impl PgExecutor<'_>,
    itinerary: ItineraryId,
    name: &PhotoName,
) -> sqlx::Result<()> {
    sqlx::query(
        "WITH gone AS (DELETE FROM photos WHERE itinerary = $1 AND name = $2 RETURNING object)
         INSERT INTO loose_objects (object, doomed, expires_at) SELECT object, true, now() FROM gone",
    )
    .bind(itinerary)
    .bind(name)
    .execute(db)
    .await
    .map(drop)
}

/// Removes every photo of an itinerary and notes their objects as doomed.
pub(super) async fn remove_all(db: impl PgExecutor<'_>, itinerary: ItineraryId) -> sqlx::Result<()> {
    sqlx::query(
        "WITH gone AS (DELETE FROM photos WHERE itinerary = $1 RETURNING object)
         INSERT INTO loose_objects (object, doomed, expires_at) SELECT object, true, now() FROM gone",
    )
    .bind(itinerary)
    .execute(db)
    .await
    .map(drop)
}
