//! The statements on `itineraries`. No tenant in them: the database fences the rows.

use jiff_sqlx::ToSqlx;
use paging::Window;
use sqlx::PgExecutor;
use tenancy::UserId;

use super::{
    content::Content,
    id::ItineraryId,
    model::{Itinerary, Viewer},
};

macro_rules! columns {
    () => {
        "id, owner, title, notes, starts_on, ends_on, visibility, version, published_at, created_at, updated_at"
    };
}

/// Who sees a row: `$1` is the user, `$2` whether its role reaches all data.
macro_rules! visible {
    () => {
        "($2 OR owner = $1 OR visibility = 'shared')"
    };
}

pub(crate) use visible;

/// A page of what the viewer sees, the newest first, and one row more when there is one.
pub(crate) async fn page(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    window: &Window,
) -> sqlx::Result<Vec<Itinerary>> {
    sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM itineraries WHERE ",
        visible!(),
        " AND id < $3 ORDER BY id DESC LIMIT $4"
    ))
    .bind(viewer.user)
    .bind(viewer.all)
    .bind(window.below())
    .bind(window.rows())
    .fetch_all(db)
    .await
}

pub(crate) async fn find(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    id: ItineraryId,
) -> sqlx::Result<Option<Itinerary>> {
    sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM itineraries WHERE ",
        visible!(),
        " AND id = $3"
    ))
    .bind(viewer.user)
    .bind(viewer.all)
    .bind(id)
    .fetch_optional(db)
    .await
}

/// [`find`], and nobody else changes it before the transaction ends.
pub(crate) async fn lock(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    id: ItineraryId,
) -> sqlx::Result<Option<Itinerary>> {
    sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM itineraries WHERE ",
        visible!(),
        " AND id = $3 FOR UPDATE"
    ))
    .bind(viewer.user)
    .bind(viewer.all)
    .bind(id)
    .fetch_optional(db)
    .await
}

pub(crate) async fn insert(
    db: impl PgExecutor<'_>,
    id: ItineraryId,
    owner: UserId,
    content: &Content,
) -> sqlx::Result<Itinerary> {
    sqlx::query_as(concat!(
        "INSERT INTO itineraries (id, owner, title, notes, starts_on, ends_on, visibility)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ",
        columns!()
    ))
    .bind(id)
    .bind(owner)
    .bind(&content.title)
    .bind(&content.notes)
    .bind(content.starts_on.map(ToSqlx::to_sqlx))
    .bind(content.ends_on.map(ToSqlx::to_sqlx))
    .bind(content.visibility)
    .fetch_one(db)
    .await
}

pub(crate) async fn update(
    db: impl PgExecutor<'_>,
    id: ItineraryId,
    content: &Content,
) -> sqlx::Result<Itinerary> {
    sqlx::query_as(concat!(
        "UPDATE itineraries SET title = $2, notes = $3, starts_on = $4, ends_on = $5, visibility = $6,
                published_at = CASE WHEN $6 = 'shared' THEN published_at END, version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING ",
        columns!()
    ))
    .bind(id)
    .bind(&content.title)
    .bind(&content.notes)
    .bind(content.starts_on.map(ToSqlx::to_sqlx))
    .bind(content.ends_on.map(ToSqlx::to_sqlx))
    .bind(content.visibility)
    .fetch_one(db)
    .await
}

/// Shows it to the whole tenant.
pub(crate) async fn publish(db: impl PgExecutor<'_>, id: ItineraryId) -> sqlx::Result<Itinerary> {
    sqlx::query_as(concat!(
        "UPDATE itineraries SET visibility = 'shared', published_at = now(), version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING ",
        columns!()
    ))
    .bind(id)
    .fetch_one(db)
    .await
}

/// What the viewer sees, the newest first.
pub(crate) async fn newest(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    most: i64,
) -> sqlx::Result<Vec<Itinerary>> {
    sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM itineraries WHERE ",
        visible!(),
        " ORDER BY id DESC LIMIT $3"
    ))
    .bind(viewer.user)
    .bind(viewer.all)
    .bind(most)
    .fetch_all(db)
    .await
}

pub(crate) async fn delete(db: impl PgExecutor<'_>, id: ItineraryId) -> sqlx::Result<()> {
    let delete = sqlx::query("DELETE FROM itineraries WHERE id = $1");
    delete.bind(id).execute(db).await.map(drop)
}
