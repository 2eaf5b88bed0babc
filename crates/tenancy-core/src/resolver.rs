//! The one path from a verified identity to a tenant context.

use std::{sync::Arc, time::Instant};

use crate::{
    Actor, Directory, Error, Hints, HostPolicy, MembershipKey, Memberships, RequestId, Result, TenantContext,
    TenantId, TenantKey, TenantRecord, TenantStatus, VerifiedIdentity,
};

/// Whom a deployment serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// Many tenants.
    Shared,
    /// One tenant; any other is refused.
    Pinned(TenantId),
}

/// Makes a [`TenantContext`] of a verified identity: the only way there is.
///
/// # Flow
///
/// 1. The token's user pool names the tenant; nothing else does.
/// 2. A pinned deployment refuses every tenant but its own.
/// 3. Host, header and path agree, or the request reads as "not found".
/// 4. The user is a member, or the request reads as "not found".
/// 5. The tenant is active, or the answer says why not.
///
/// # Cost
///
/// Two look-ups (directory, membership), each from a cache that is at most a second old.
pub struct Resolver {
    directory: Arc<dyn Directory>,
    memberships: Arc<dyn Memberships>,
    deployment: Deployment,
    hosts: HostPolicy,
}

impl Resolver {
    /// A resolver over a directory and memberships, for a deployment.
    #[must_use]
    pub fn new(
        directory: Arc<dyn Directory>,
        memberships: Arc<dyn Memberships>,
        deployment: Deployment,
        hosts: HostPolicy,
    ) -> Self {
        Self {
            directory,
            memberships,
            deployment,
            hosts,
        }
    }

    /// Resolves a request.
    ///
    /// # Errors
    ///
    /// `NotFound` for an unknown tenant, another deployment's tenant, a hint that disagrees and a user who is no member:
    /// one body for all, the log says which. `Suspended`, `Moving` or `Unavailable` by the tenant's status, to members
    /// only. `Unavailable` when directory or memberships can't answer.
    pub async fn resolve(
        &self,
        identity: &VerifiedIdentity,
        hints: &Hints,
        request: RequestId,
        deadline: Option<Instant>,
    ) -> Result<TenantContext> {
        let tenant = self.tenant_of(identity).await?;
        if let Deployment::Pinned(pin) = self.deployment
            && tenant.id != pin
        {
            return Err(Error::not_found("the deployment is pinned to another tenant"));
        }
        hints
            .check(&self.hosts, &tenant)
            .map_err(|hint| Error::not_found(format!("{hint:?} names another tenant than the token")))?;
        let actor = self.actor(identity, &tenant).await?;
        admit(tenant.status)?;
        Ok(TenantContext::new(tenant, actor, request, deadline))
    }

    async fn tenant_of(&self, identity: &VerifiedIdentity) -> Result<Arc<TenantRecord>> {
        let key = TenantKey::Identity(identity.tenant().clone());
        let record = self.directory.lookup(&key).await?;
        // a directory that mixes up its answers must not mix up tenants
        record
            .filter(|record| key.names(record))
            .ok_or_else(|| Error::not_found("no tenant has the token's user pool"))
    }

    async fn actor(&self, identity: &VerifiedIdentity, tenant: &TenantRecord) -> Result<Actor> {
        let key = MembershipKey {
            tenant: tenant.id,
            pool: identity.tenant().clone(),
            subject: identity.subject().clone(),
        };
        let membership = self.memberships.membership(&key).await?;
        let membership = membership.ok_or_else(|| Error::not_found("the user is no member of the tenant"))?;
        Ok(Actor::User {
            id: membership.user,
            subject: key.subject,
            role: membership.role,
        })
    }
}

fn admit(status: TenantStatus) -> Result<()> {
    match status {
        TenantStatus::Active => Ok(()),
        TenantStatus::Suspended => Err(Error::suspended()),
        TenantStatus::Moving => Err(Error::moving()),
        TenantStatus::Provisioning => Err(Error::unavailable("the tenant's place is being made")),
        TenantStatus::Deleting => Err(Error::not_found("the tenant is being erased")),
    }
}
