//! Objects that no photo shows: uploads under way, and what replaced, removed and broken-off ones leave.

use sqlx::PgExecutor;
use tenancy::{DataWrite, Permit, Result};

use super::model::ObjectId;
use crate::service::App;

/// How many objects one write clears at most: a bound to what a caller waits for others.
const BATCH: i64 = 16;

/// Notes an object before it is written. The hour is far beyond the longest request.
pub(super) async fn note(db: impl PgExecutor<'_>, object: ObjectId) -> sqlx::Result<()> {
    let insert = "INSERT INTO loose_objects (object, doomed, expires_at) VALUES ($1, false, now() + interval '1 hour')";
    sqlx::query(insert).bind(object).execute(db).await.map(drop)
}

/// Notes that nothing shows an object any more.
pub(super) async fn doom(db: impl PgExecutor<'_>, object: ObjectId) -> sqlx::Result<()> {
    let insert = "INSERT INTO loose_objects (object, doomed, expires_at) VALUES ($1, true, now())";
    sqlx::query(insert).bind(object).execute(db).await.map(drop)
}

/// Takes the note of an object that is about to be shown. False when it was doomed meanwhile: it must not be shown.
pub(super) async fn take(db: impl PgExecutor<'_>, object: ObjectId) -> sqlx::Result<bool> {
    let delete = sqlx::query("DELETE FROM loose_objects WHERE object = $1 AND NOT doomed");
    Ok(delete.bind(object).execute(db).await?.rows_affected() == 1)
}

/// Dooms what expired, and names some of the doomed.
async fn doomed(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<ObjectId>> {
    sqlx::query_scalar(
        "UPDATE loose_objects SET doomed = true WHERE object IN (
            SELECT object FROM loose_objects WHERE doomed OR expires_at < now()
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING object",
    )
    .bind(BATCH)
    .fetch_all(db)
    .await
}

async fn forget(db: impl PgExecutor<'_>, objects: &[ObjectId]) -> sqlx::Result<()> {
    let delete = sqlx::query("DELETE FROM loose_objects WHERE object = ANY($1) AND doomed");
    delete.bind(objects).execute(db).await.map(drop)
}

/// Deletes some of the tenant's doomed objects, then their notes. The write that calls it is done already, so a failure
/// is not the caller's: the log has it, and a later write tries again.
pub(crate) async fn sweep(app: &App, permit: &Permit<DataWrite>) {
    if let Err(error) = try_sweep(app, permit).await {
        tracing::warn!(%error, log = error.log(), "leftover objects stay until the next write");
    }
}

async fn try_sweep(app: &App, permit: &Permit<DataWrite>) -> Result<()> {
    let mut tx = app.core.begin(permit).await?;
    let objects = doomed(&mut tx).await?;
    tx.commit().await?;
    if objects.is_empty() {
        return Ok(());
    }
    for object in &objects {
        // one that was never written, or that another sweep deleted first, is deleted already
        app.uploads.delete(permit, &object.key()?).await?;
    }
    let mut tx = app.core.begin(permit).await?;
    forget(&mut tx, &objects).await?;
    tx.commit().await
}
