//! The proof of whose data a piece of work may touch.

use std::{fmt, sync::Arc, time::Instant};

use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    Actor, AuditSink, DataAll, Epoch, Error, Feature, MemberRole, Permission, Placement, Plan, RequestId,
    Result, TenantId, TenantRecord, TenantSlug, Tier, UserId, decide, plan::Entitlement, standing::Standing,
};

/// Whose data this piece of work may touch, and who does it. Every store call takes one first.
///
/// Cheap to clone (one reference count), passed explicitly, never ambient. The [`Resolver`](crate::Resolver) alone
/// makes one, from a verified identity, the directory's record and a membership.
#[derive(Clone)]
pub struct TenantContext {
    inner: Arc<Inner>,
}

struct Inner {
    tenant: Arc<TenantRecord>,
    entitlement: Entitlement,
    actor: Actor,
    request: RequestId,
    deadline: Option<Instant>,
    audit: Option<Arc<dyn AuditSink>>,
    user_token: Option<Arc<SecretString>>,
    standing: Option<Standing>,
}

impl TenantContext {
    pub(crate) fn new(
        tenant: Arc<TenantRecord>,
        entitlement: Entitlement,
        actor: Actor,
        (request, deadline): (RequestId, Option<Instant>),
        audit: Option<Arc<dyn AuditSink>>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                tenant,
                entitlement,
                actor,
                request,
                deadline,
                audit,
                user_token: None,
                standing: None,
            }),
        }
    }

    /// With the user's own token, where it was kept. For the resolver, on a context that nobody else has yet.
    pub(crate) fn with_user_token(mut self, token: Option<Arc<SecretString>>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.user_token = token;
        }
        self
    }

    /// With whom the resolver asked. For the resolver, on a context that nobody else has yet.
    pub(crate) fn with_standing(mut self, standing: Standing) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.standing = Some(standing);
        }
        self
    }

    pub(crate) fn standing(&self) -> Option<&Standing> {
        self.inner.standing.as_ref()
    }

    /// The tenant.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.inner.tenant.id
    }

    /// The tenant's name in hosts and resources.
    #[must_use]
    pub fn slug(&self) -> &TenantSlug {
        &self.inner.tenant.slug
    }

    /// How isolated the tenant is. For telemetry and the SDK; a service asks [`require`](Self::require) instead.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.inner.tenant.tier
    }

    /// What the tenant bought.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.inner.entitlement.plan
    }

    /// Where the tenant's stores are.
    #[must_use]
    pub fn placement(&self) -> &Placement {
        &self.inner.tenant.placement
    }

    /// How often the tenant was moved.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.placement().epoch
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.inner.actor
    }

    /// The user who acts; `None` for a service or an operator.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.inner.actor.user_id()
    }

    /// What the user who acts is in the tenant; `None` for a service or an operator.
    #[must_use]
    pub fn role(&self) -> Option<&MemberRole> {
        self.inner.actor.role()
    }

    /// Whether the actor reaches data of every user of the tenant, and not only its own and what is shared.
    #[must_use]
    pub fn reaches_all_data(&self) -> bool {
        decide(self.actor(), &DataAll::DEF).allowed
    }

    /// Whether the two are one context, and not only alike.
    #[cfg(feature = "http")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    pub(crate) fn audit(&self) -> Option<&Arc<dyn AuditSink>> {
        self.inner.audit.as_ref()
    }

    /// For [`trust`](crate::trust) alone.
    pub(crate) fn user_token(&self) -> Option<&SecretString> {
        self.inner.user_token.as_deref()
    }

    /// Refuses when what the context rests on is over: an operator's grant has an end, and work may outlast it. A
    /// [`Permit`](crate::Permit) asks this; work that reads on for minutes asks it between its steps.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthenticated`](crate::Kind::Unauthenticated) when the operator's grant has ended.
    pub fn still_stands(&self) -> Result<()> {
        // nobody else's leave ends, so the clock is not asked for them
        let ends = matches!(self.actor(), Actor::Operator { .. });
        if ends && self.actor().has_ended(Timestamp::now()) {
            return Err(Error::unauthenticated("the operator's grant has ended"));
        }
        Ok(())
    }

    /// The request this work belongs to.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.inner.request
    }

    /// When the caller stops waiting.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.inner.deadline
    }

    /// Refuses when the tenant's plan lacks `feature`.
    ///
    /// # Errors
    ///
    /// [`Kind::NotEntitled`](crate::Kind::NotEntitled), naming the feature and the least tier whose plan has it.
    pub fn require(&self, feature: Feature) -> Result<()> {
        let Entitlement { plan, book } = &self.inner.entitlement;
        book.require(plan, feature)
    }
}

impl fmt::Debug for TenantContext {
    /// Ids only: a tenant's name is the tenant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantContext")
            .field("tenant", &self.tenant_id())
            .field("tier", &self.tier())
            .field("actor", &format_args!("{}", self.actor()))
            .field("request", &self.request_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DataRead, IdentityTenant, Kind, OperatorAccess, Permit, TenantStatus, permission::DataWrite,
    };

    /// A context that was made while the grant held.
    fn of_operator(expires_at: Timestamp) -> TenantContext {
        let tenant = TenantRecord {
            id: TenantId::new(),
            slug: "acme".parse().unwrap(),
            name: String::new(),
            tier: Tier::Standard,
            status: TenantStatus::Active,
            identity_tenant: "acme-x1y2z".parse::<IdentityTenant>().unwrap(),
            custom_host: None,
            plan: None,
            placement: Placement {
                epoch: Epoch(0),
                sql: Default::default(),
                objects: Default::default(),
                documents: Default::default(),
                graph: Default::default(),
            },
        };
        let actor = Actor::Operator {
            name: "eve@platform".parse().unwrap(),
            reason: "ticket 4711: a trip is lost".parse().unwrap(),
            access: OperatorAccess::Write,
            expires_at,
        };
        let entitlement = crate::PlanBook::default().entitlement(&tenant);
        TenantContext::new(
            Arc::new(tenant),
            entitlement,
            actor,
            (RequestId::new(), None),
            None,
        )
    }

    #[test]
    fn a_grant_that_has_ended_gives_no_permit() {
        let standing = of_operator(Timestamp::MAX);
        assert!(Permit::<DataWrite>::check(&standing).is_ok());
        let ended = of_operator(Timestamp::UNIX_EPOCH);
        for refusal in [
            ended.still_stands().err(),
            Permit::<DataRead>::check(&ended).err(),
            Permit::<DataWrite>::check(&ended).err(),
        ] {
            assert_eq!(refusal.map(|error| error.kind()), Some(Kind::Unauthenticated));
        }
    }

    #[test]
    fn a_grant_ends_when_it_says_so() {
        let end = Timestamp::from_second(1_800_000_000).unwrap();
        let context = of_operator(end);
        let second = jiff::SignedDuration::from_secs(1);
        for (now, ended) in [(end - second, false), (end, true), (end + second, true)] {
            assert_eq!(context.actor().has_ended(now), ended, "{now}");
        }
    }
}
