//! The one path from a verified identity to a tenant context.

use std::{sync::Arc, time::Instant};

use jiff::Timestamp;

use crate::{
    Actor, AuditSink, Directory, Error, Feature, HintRules, HintRulesError, HintedTenant, Hints, HostPolicy,
    MembershipKey, Memberships, OperatorGrant, PlanBook, Principal, RequestId, Result, ServiceName,
    TenantContext, TenantId, TenantKey, TenantRecord, TenantStatus, VerifiedIdentity, VerifiedService, hints,
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
/// 3. Host, header and path agree, by the rules, or the request reads as "not found".
/// 4. The user is a member, or the request reads as "not found".
/// 5. The tenant is active, or the answer says why not.
///
/// # Cost
///
/// Two look-ups (directory, membership); with [`CachedDirectory`](crate::directory::CachedDirectory) and
/// [`CachedMemberships`](crate::CachedMemberships), each is a look at a table as long as the answer is known to be true.
pub struct Resolver {
    directory: Arc<dyn Directory>,
    memberships: Arc<dyn Memberships>,
    deployment: Deployment,
    hosts: HostPolicy,
    rules: HintRules,
    audit: Option<Arc<dyn AuditSink>>,
    plans: PlanBook,
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
            rules: HintRules::default(),
            audit: None,
            plans: PlanBook::default(),
        }
    }

    /// How much host, header and path count. Without it, the strict default: each agrees or is absent.
    ///
    /// # Errors
    ///
    /// When the rules can't be meant for the resolver's hosts.
    pub fn with_rules(mut self, rules: HintRules) -> Result<Self, HintRulesError> {
        rules.check(&self.hosts)?;
        self.rules = rules;
        Ok(self)
    }

    /// Tells `sink` of the decisions about tenants whose plan has the audit log.
    #[must_use]
    pub fn with_audit(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.audit = Some(sink);
        self
    }

    /// Sells the plans of `book` instead of the defaults.
    #[must_use]
    pub fn with_plans(mut self, book: PlanBook) -> Self {
        self.plans = book;
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
        hints: &Hints<'_>,
        request: RequestId,
        deadline: Option<Instant>,
    ) -> Result<TenantContext> {
        let tenant = self.tenant_of(principal).await?;
        if !self.serves(tenant.id) {
            return Err(Error::not_found("the deployment is pinned to another tenant"));
        }
        hints::check(hints, &self.rules, &self.hosts, &tenant)
            .map_err(|disagreement| Error::not_found(disagreement.to_string()))?;
        let entitlement = self.plans.entitlement(&tenant);
        let plan = &entitlement.plan;
        let actor = self.actor(principal, &tenant).await?.under(plan);
        admit(tenant.status)?;
        let audit = self
            .audit
            .as_ref()
            .filter(|_| plan.has(Feature::AuditLog))
            .cloned();
        Ok(TenantContext::new(
            tenant,
            entitlement,
            actor,
            (request, deadline),
            audit,
        ))
    }

    /// The tenant that a request's hosts name, for routes that need no token. It opens no store.
    ///
    /// `None` for a host that names no tenant, an unknown tenant, another deployment's, hosts that name two, and a tenant
    /// whose members could not sign in: a stranger can't tell these apart. One look-up in the directory.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the directory can't answer.
    pub async fn hint(&self, hints: &Hints<'_>) -> Result<Option<HintedTenant>> {
        let Some(key) = hints.key(&self.hosts) else {
            return Ok(None);
        };
        let record = self.directory.lookup(&key).await?;
        let record = record.filter(|record| key.names(record) && self.serves(record.id));
        Ok(record.and_then(|record| HintedTenant::of(&record)))
    }

    fn serves(&self, tenant: TenantId) -> bool {
        match self.deployment {
            Deployment::Shared => true,
            Deployment::Pinned(pin) => tenant == pin,
        }
    }

    async fn tenant_of(&self, principal: &Principal) -> Result<Arc<TenantRecord>> {
        let key = match principal {
            Principal::User(identity) => TenantKey::Identity(identity.tenant().clone()),
            Principal::Service(service) => TenantKey::Id(service.tenant()),
            Principal::Operator(grant) => TenantKey::Id(grant.tenant()),
        };
        let record = match self.directory.at_hand(&key) {
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
        let membership = match self.memberships.at_hand(&key) {
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
