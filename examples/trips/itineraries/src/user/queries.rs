//! The statements on `users`. No tenant in them: the database fences the rows.

use sqlx::PgExecutor;
use tenancy::UserId;

use super::model::User;

pub(crate) async fn find(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<User>> {
    sqlx::query_as("SELECT id, display_name FROM users WHERE id = $1")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Makes sure that a user has a row, so that its data can refer to it.
pub(crate) async fn ensure(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<()> {
    let insert =
        sqlx::query("INSERT INTO users (id) VALUES ($1) ON CONFLICT ON CONSTRAINT users_key DO NOTHING");
    insert.bind(id).execute(db).await.map(drop)
}

pub(crate) async fn name(db: impl PgExecutor<'_>, id: UserId, name: &str) -> sqlx::Result<User> {
    sqlx::query_as(
        "INSERT INTO users (id, display_name) VALUES ($1, $2)
         ON CONFLICT ON CONSTRAINT users_key DO UPDATE SET display_name = excluded.display_name, updated_at = now()
         RETURNING id, display_name",
    )
    .bind(id)
    .bind(name)
    .fetch_one(db)
    .await
}
