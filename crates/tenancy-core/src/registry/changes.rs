//! Which tenants changed in the registry.

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::types::Json;

use super::{Access, RegistryClient, client::bounded};
use crate::{
    Result, TenantId,
    directory::{ChangeFeed, Changed, Changes, Cursor},
};

#[derive(Deserialize)]
struct Answer {
    cursor: String,
    /// Absent when it is not known who changed.
    tenants: Option<Vec<TenantId>>,
}

/// The feed of the registry's changes: of any tenant with shared access, of the role's own with pinned. One round trip.
///
/// A cursor is a snapshot of the database's (`pg_snapshot`), and an answer tells of each transaction that was not visible
/// in it and is now: one that began early and commits late is not missed.
#[async_trait]
impl ChangeFeed for RegistryClient {
    async fn changes(&self, since: Option<&Cursor>) -> Result<Changes> {
        let text = match self.access() {
            Access::Shared => "SELECT registry.changes_since($1)",
            Access::Pinned => "SELECT registry.pinned_changes_since($1)",
        };
        let query = sqlx::query_scalar(text).bind(since.map(Cursor::as_str));
        let Json(answer): Json<Answer> = bounded(query.fetch_one(self.pool())).await?;
        Ok(Changes {
            cursor: Cursor::new(answer.cursor),
            changed: answer.tenants.map_or(Changed::Everything, Changed::Tenants),
        })
    }
}
