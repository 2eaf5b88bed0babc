//! The statements on `likes`. No tenant in them: the database fences the rows.

use serde::Serialize;
use sqlx::PgExecutor;
use tenancy::UserId;

use crate::itinerary::ItineraryId;

/// The likes of an itinerary, as one user sees them.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub(super) struct Likes {
    count: i64,
    /// Whether the caller is among them.
    liked: bool,
}

pub(super) async fn count(
    db: impl PgExecutor<'_>,
    itinerary: ItineraryId,
    user: Option<UserId>,
) -> sqlx::Result<Likes> {
    sqlx::query_as(
        "SELECT count(*) AS count, coalesce(bool_or(liked_by = $2), false) AS liked FROM likes WHERE itinerary = $1",
    )
    .bind(itinerary)
    .bind(user)
    .fetch_one(db)
    .await
}

pub(super) async fn set(db: impl PgExecutor<'_>, itinerary: ItineraryId, user: UserId) -> sqlx::Result<()> {
    let insert = "INSERT INTO likes (itinerary, liked_by) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT likes_key DO NOTHING";
    sqlx::query(insert)
        .bind(itinerary)
        .bind(user)
        .execute(db)
        .await
        .map(drop)
}

pub(super) async fn clear(db: impl PgExecutor<'_>, itinerary: ItineraryId, user: UserId) -> sqlx::Result<()> {
    let delete = sqlx::query("DELETE FROM likes WHERE itinerary = $1 AND liked_by = $2");
    delete.bind(itinerary).bind(user).execute(db).await.map(drop)
}
