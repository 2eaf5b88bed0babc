//! The statements on `comments`. No tenant in them: the database fences the rows.

use paging::Window;
use sqlx::PgExecutor;
use tenancy::UserId;

use super::model::{Comment, CommentId};
use crate::itinerary::ItineraryId;

/// A page of an itinerary's comments, the newest first, and one row more when there is one.
pub(super) async fn page(
    db: impl PgExecutor<'_>,
    itinerary: ItineraryId,
    window: &Window,
) -> sqlx::Result<Vec<Comment>> {
    sqlx::query_as(
        "SELECT id, itinerary, author, text, created_at FROM comments
         WHERE itinerary = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(itinerary)
    .bind(window.below())
    .bind(window.rows())
    .fetch_all(db)
    .await
}

pub(super) async fn find(db: impl PgExecutor<'_>, id: CommentId) -> sqlx::Result<Option<Comment>> {
    sqlx::query_as("SELECT id, itinerary, author, text, created_at FROM comments WHERE id = $1")
        .bind(id)
        .fetch_optional(db)
        .await
}

pub(super) async fn insert(
    db: impl PgExecutor<'_>,
    itinerary: ItineraryId,
    author: UserId,
    text: &str,
) -> sqlx::Result<Comment> {
    sqlx::query_as(
        "INSERT INTO comments (id, itinerary, author, text) VALUES ($1, $2, $3, $4)
         RETURNING id, itinerary, author, text, created_at",
    )
    .bind(CommentId::new())
    .bind(itinerary)
    .bind(author)
    .bind(text)
    .fetch_one(db)
    .await
}

/// Who wrote a comment, and on what; nobody else deletes it before the transaction ends.
pub(super) async fn lock(
    db: impl PgExecutor<'_>,
    id: CommentId,
) -> sqlx::Result<Option<(UserId, ItineraryId)>> {
    sqlx::query_as("SELECT author, itinerary FROM comments WHERE id = $1 FOR UPDATE")
        .bind(id)
        .fetch_optional(db)
        .await
}

pub(super) async fn delete(db: impl PgExecutor<'_>, id: CommentId) -> sqlx::Result<()> {
    let delete = sqlx::query("DELETE FROM comments WHERE id = $1");
    delete.bind(id).execute(db).await.map(drop)
}
