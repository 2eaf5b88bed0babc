//! The one path from a verified identity to a tenant context.

use std::{sync::Arc, time::Instant};

use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    Actor, AuditSink, Directory, Error, Feature, HintRules, HintRulesError, HintedTenant, Hints, HostPolicy,
    MembershipKey, Memberships, OperatorGrant, Plan, PlanBook, Principal, RequestId, Result, ServiceName,
    TenantContext, TenantId, TenantKey, TenantRecord, TenantStatus, VerifiedIdentity, VerifiedService, hints,
    operator_log::OperatorLog, standing::Standing,
};

/// Why a principal got no context, where the client is told no more than "not found" or "unavailable": for a worker, which has
/// to know whether to drop a job or to try it again.
///
/// It is the [`source`](std::error::Error::source) of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// No tenant is named so, or it was erased.
    #[error("the proof names no tenant")]
    UnknownTenant,
    /// The tenant is not the one that the deployment is pinned to.
    #[error("the deployment is pinned to another tenant")]
    OtherDeployment,
    /// Host, header or path names another tenant.
    #[error("a hint names another tenant than the proof")]
    Disagreement,
    /// A service speaks for one tenant, in the name of a user of another.
    #[error("the service's user is of another tenant")]
    OtherPool,
    /// The user is no member, or no longer one.
    #[error("the user is no member of the tenant")]
    NoMember,
    /// The tenant's place is being made: try again later.
    #[error("the tenant's place is being made")]
    Provisioning,
    /// The tenant is being erased: never try again.
    #[error("the tenant is being erased")]
    Erasing,
}

impl Unresolved {
    /// Why `error` came from a [`Resolver`], when it did and says so.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        std::error::Error::source(error)?.downcast_ref().copied()
    }

    fn not_found(self) -> Error {
        Error::not_found(self.to_string()).with_source(self)
    }
}

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
            return Err(Unresolved::OtherDeployment.not_found());
        }
        hints::check(hints, &self.rules, &self.hosts, &tenant).map_err(|disagreement| {
            Error::not_found(disagreement.to_string()).with_source(Unresolved::Disagreement)
        })?;
        let entitlement = self.plans.entitlement(&tenant);
        let plan = &entitlement.plan;
        let actor = self.actor(principal, &tenant).await?.under(plan);
        admit(tenant.status)?;
        let audit = self.sink(principal, &actor, tenant.id, request, plan);
        let context = TenantContext::new(tenant, entitlement, actor, (request, deadline), audit);
        let standing = Standing {
            directory: Arc::clone(&self.directory),
            memberships: Arc::clone(&self.memberships),
        };
        Ok(context
            .with_user_token(token_of(principal))
            .with_standing(standing))
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

    /// Who is told of decisions: the deployment's sink, for whom the plan has it; and of what an operator does, the log at
    /// least.
    fn sink(
        &self,
        principal: &Principal,
        actor: &Actor,
        tenant: TenantId,
        request: RequestId,
        plan: &Plan,
    ) -> Option<Arc<dyn AuditSink>> {
        let sink = self.audit.clone();
        match principal {
            Principal::Operator(grant) => Some(OperatorLog::open(sink, tenant, actor, grant.access, request)),
            Principal::User(_) | Principal::Service(_) => sink.filter(|_| plan.has(Feature::AuditLog)),
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
            .ok_or_else(|| Unresolved::UnknownTenant.not_found())
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
            Some(user) if *user.tenant() != tenant.identity_tenant => Err(Unresolved::OtherPool.not_found()),
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
        let membership = membership.ok_or_else(|| Unresolved::NoMember.not_found())?;
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

pub(crate) fn admit(status: TenantStatus) -> Result<()> {
    match status {
        TenantStatus::Active => Ok(()),
        TenantStatus::Suspended => Err(Error::suspended()),
        TenantStatus::Moving => Err(Error::moving()),
        TenantStatus::Provisioning => {
            let why = Unresolved::Provisioning;
            Err(Error::unavailable(why.to_string()).with_source(why))
        }
        TenantStatus::Deleting => Err(Unresolved::Erasing.not_found()),
    }
}

/// The user's own token, where it was kept.
fn token_of(principal: &Principal) -> Option<Arc<SecretString>> {
    match principal {
        Principal::User(identity) => identity.token.clone(),
        Principal::Service(service) => service.user()?.token.clone(),
        Principal::Operator(_) => None,
    }
}

#[cfg(test)]
#[path = "resolver_tests.rs"]
mod tests;
