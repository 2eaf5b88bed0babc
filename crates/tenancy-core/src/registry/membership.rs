//! What a user is in a tenant.

use super::{Access, RegistryClient, client::bounded};
use crate::{Error, Membership, MembershipKey, Result, Role, UserId};

impl RegistryClient {
    /// The membership that `key` names; with pinned access, within the role's own tenant and no other.
    ///
    /// # Errors
    ///
    /// As [`tenant`](Self::tenant).
    pub async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        let text = match self.access() {
            Access::Shared => "SELECT user_id, role FROM registry.membership($1, $2, $3)",
            Access::Pinned => "SELECT user_id, role FROM registry.pinned_membership($1, $2, $3)",
        };
        let query = sqlx::query_as(text)
            .bind(key.tenant)
            .bind(key.pool.as_str())
            .bind(key.subject.as_str());
        let row: Option<(UserId, String)> = bounded(query.fetch_optional(self.pool())).await?;
        row.map(membership).transpose()
    }
}

fn membership((user, role): (UserId, String)) -> Result<Membership> {
    let role: Role = role
        .parse()
        .map_err(|e| Error::internal("the registry holds an unknown role").with_source(e))?;
    Ok(Membership {
        user,
        role: role.into(),
    })
}
