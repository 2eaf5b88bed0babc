//! What a user is in a tenant.

use super::{
    Access, RegistryClient,
    client::bounded,
    member_row::{MemberRow, membership},
};
use crate::{Membership, MembershipKey, Result};

impl RegistryClient {
    /// The membership that `key` names; with pinned access, within the role's own tenant and no other.
    ///
    /// # Errors
    ///
    /// As [`tenant`](Self::tenant).
    pub async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        let text = match self.access() {
            Access::Shared => {
                "SELECT user_id, role, custom_role, permissions, version FROM registry.membership($1, $2, $3)"
            }
            Access::Pinned => {
                "SELECT user_id, role, custom_role, permissions, version FROM registry.pinned_membership($1, $2, $3)"
            }
        };
        let query = sqlx::query_as(text)
            .bind(key.tenant)
            .bind(key.pool.as_str())
            .bind(key.subject.as_str());
        let row: Option<MemberRow> = bounded(query.fetch_optional(self.pool())).await?;
        row.map(membership).transpose()
    }
}
