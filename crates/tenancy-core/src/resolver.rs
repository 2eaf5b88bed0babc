//! The one path from a verified identity to a tenant context.

use std::{sync::Arc, time::Instant};

use jiff::Timestamp;

use crate::{
    Actor, AuditSink, Directory, Error, Feature, Hints, HostPolicy, MembershipKey, Memberships,
    OperatorGrant, Plan, Principal, RequestId, Result, ServiceName, TenantContext, TenantId, TenantKey,
    TenantRecord, TenantStatus, VerifiedIdentity, VerifiedService,
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
    audit: Option<Arc<dyn AuditSink>>,
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
            audit: None,
        }
    }

    /// Tells `sink` of the decisions about tenants whose plan has the audit log.
    #[must_use]
    pub fn with_audit(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.audit = Some(sink);
        self
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
        principal: &Principal,
        hints: &Hints,
        request: RequestId,
        deadline: Option<Instant>,
    ) -> Result<TenantContext> {
        let tenant = self.tenant_of(principal).await?;
        if let Deployment::Pinned(pin) = self.deployment
            && tenant.id != pin
        {
            return Err(Error::not_found("the deployment is pinned to another tenant"));
        }
        hints
            .check(&self.hosts, &tenant)
            .map_err(|hint| Error::not_found(format!("{hint:?} names another tenant than the token")))?;
        let actor = self.actor(principal, &tenant).await?;
        admit(tenant.status)?;
        let plan = Arc::new(tenant.plan.clone().unwrap_or_else(|| Plan::of(tenant.tier)));
        let audit = self
            .audit
            .as_ref()
            .filter(|_| plan.has(Feature::AuditLog))
            .cloned();
        Ok(TenantContext::new(
            tenant,
            plan,
            actor,
            (request, deadline),
            audit,
        ))
    }

    async fn tenant_of(&self, principal: &Principal) -> Result<Arc<TenantRecord>> {
        let key = match principal {
            Principal::User(identity) => TenantKey::Identity(identity.tenant().clone()),
            Principal::Service(service) => TenantKey::Id(service.tenant()),
            Principal::Operator(grant) => TenantKey::Id(grant.tenant()),
        };
        let record = match self.directory.cached(&key) {
            Some(record) => Some(record),
            None => self.directory.lookup(&key).await?,
        };
        // a directory that mixes up its answers must not mix up tenants
        record
            .filter(|record| key.names(record))
            .ok_or_else(|| Error::not_found("the proof names no tenant"))
    }

    async fn actor(&self, principal: &Principal, tenant: &TenantRecord) -> Result<Actor> {
        match principal {
            Principal::User(identity) => self.user(identity, tenant, None).await,
            Principal::Service(service) => self.service(service, tenant).await,
            Principal::Operator(grant) => operator(grant),
        }
    }

    async fn service(&self, service: &VerifiedService, tenant: &TenantRecord) -> Result<Actor> {
        match service.user() {
            Some(user) if *user.tenant() != tenant.identity_tenant => {
                Err(Error::not_found("the service's user is of another tenant"))
            }
            Some(user) => self.user(user, tenant, Some(service.name().clone())).await,
            None => Ok(Actor::Service {
                name: service.name().clone(),
                permissions: Arc::clone(&service.permissions),
            }),
        }
    }

    async fn user(
        &self,
        identity: &VerifiedIdentity,
        tenant: &TenantRecord,
        via: Option<ServiceName>,
    ) -> Result<Actor> {
        let key = MembershipKey {
            tenant: tenant.id,
            pool: identity.tenant().clone(),
            subject: identity.subject().clone(),
        };
        let membership = match self.memberships.cached(&key) {
            Some(membership) => Some(membership),
            None => self.memberships.membership(&key).await?,
        };
        let membership = membership.ok_or_else(|| Error::not_found("the user is no member of the tenant"))?;
        Ok(Actor::User {
            id: membership.user,
            subject: key.subject,
            role: membership.role,
            via,
        })
    }
}

fn operator(grant: &OperatorGrant) -> Result<Actor> {
    if grant.expires_at <= Timestamp::now() {
        return Err(Error::unauthenticated("the operator's grant has ended"));
    }
    Ok(Actor::Operator {
        name: grant.operator.clone(),
        reason: grant.reason.clone(),
        access: grant.access,
        expires_at: grant.expires_at,
    })
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
