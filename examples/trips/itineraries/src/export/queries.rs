//! The statements on `exports`. No tenant in them: the database fences the rows.

use std::time::Duration;

use sqlx::{PgExecutor, types::Json};
use tenancy::{TenantEnvelope, UserId};

use super::model::{Export, ExportId};
use crate::itinerary::{Itinerary, Viewer};

macro_rules! columns {
    () => {
        "id, envelope IS NOT NULL AS queued, itineraries, created_at"
    };
}

/// A job that was taken, and is nobody else's for a while.
#[derive(sqlx::FromRow)]
pub(super) struct Taken {
    pub(super) id: ExportId,
    pub(super) envelope: String,
    pub(super) attempts: i32,
}

pub(super) async fn insert(
    db: impl PgExecutor<'_>,
    id: ExportId,
    owner: UserId,
    envelope: &TenantEnvelope,
) -> sqlx::Result<Export> {
    sqlx::query_as(concat!(
        "INSERT INTO exports (id, owner, envelope) VALUES ($1, $2, $3) RETURNING ",
        columns!()
    ))
    .bind(id)
    .bind(owner)
    .bind(envelope.expose())
    .fetch_one(db)
    .await
}

pub(super) async fn find(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    id: ExportId,
) -> sqlx::Result<Option<Export>> {
    sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM exports WHERE ($2 OR owner = $1) AND id = $3"
    ))
    .bind(viewer.user)
    .bind(viewer.all)
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Makes room for one more of an owner's: the oldest beyond `keep` go, made or not.
pub(super) async fn make_room(db: impl PgExecutor<'_>, owner: UserId, keep: i64) -> sqlx::Result<()> {
    let delete = "DELETE FROM exports WHERE owner = $1 AND id NOT IN (
            SELECT id FROM exports WHERE owner = $1 ORDER BY id DESC LIMIT $2)";
    sqlx::query(delete)
        .bind(owner)
        .bind(keep)
        .execute(db)
        .await
        .map(drop)
}

/// Whether there is a job to take.
pub(super) async fn is_due(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    let exists = "SELECT EXISTS (SELECT FROM exports WHERE envelope IS NOT NULL AND due_at <= now())";
    sqlx::query_scalar(exists).fetch_one(db).await
}

/// Takes the job that is due for the longest, for so long. Two workers never take the same one.
pub(super) async fn take(db: impl PgExecutor<'_>, lease: Duration) -> sqlx::Result<Option<Taken>> {
    sqlx::query_as(
        "UPDATE exports SET due_at = now() + $1 * interval '1 second', attempts = attempts + 1 WHERE id = (
            SELECT id FROM exports WHERE envelope IS NOT NULL AND due_at <= now()
            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, envelope, attempts",
    )
    .bind(lease.as_secs_f64())
    .fetch_optional(db)
    .await
}

/// The document takes the envelope's place. False when it was made already.
pub(super) async fn make(
    db: impl PgExecutor<'_>,
    id: ExportId,
    itineraries: &[Itinerary],
) -> sqlx::Result<bool> {
    let update =
        "UPDATE exports SET itineraries = $2, envelope = NULL WHERE id = $1 AND envelope IS NOT NULL";
    let update = sqlx::query(update).bind(id).bind(Json(itineraries));
    Ok(update.execute(db).await?.rows_affected() == 1)
}

pub(super) async fn put_back(db: impl PgExecutor<'_>, id: ExportId, after: Duration) -> sqlx::Result<()> {
    let update =
        "UPDATE exports SET due_at = now() + $2 * interval '1 second' WHERE id = $1 AND envelope IS NOT NULL";
    let update = sqlx::query(update).bind(id).bind(after.as_secs_f64());
    update.execute(db).await.map(drop)
}

pub(super) async fn refuse(db: impl PgExecutor<'_>, id: ExportId, why: &str) -> sqlx::Result<()> {
    let update = "UPDATE exports SET envelope = NULL, refusal = $2 WHERE id = $1 AND envelope IS NOT NULL";
    sqlx::query(update).bind(id).bind(why).execute(db).await.map(drop)
}
