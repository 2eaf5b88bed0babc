//! The proof that an authorization check passed.

use std::{fmt::Display, marker::PhantomData};

use crate::{
    AuditEvent, Decision, Error, Feature, Permission, PermissionDef, Result, Target, TenantContext, Trail,
    UserId, decide, decide_on,
};

/// Proof that the actor of a [`TenantContext`] has the permission `P`. It names tenant and actor, is made by the check
/// alone, and is what a store asks for before it writes. Cheap to clone.
///
/// ```compile_fail,E0423
/// fn forge(ctx: tenancy_core::TenantContext) -> tenancy_core::Permit<tenancy_core::DataWrite> {
///     tenancy_core::Permit(ctx)
/// }
/// ```
pub struct Permit<P: Permission> {
    context: TenantContext,
    grant: Decision,
    target: Option<Target>,
    trail: Option<Trail>,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Permit<P> {
    /// Checks what the actor may do. Pure: no round trip.
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) when the actor lacks `P`; the problem names the permission, the log
    /// actor, role, rule and the rule's version. [`Kind::Unauthenticated`](crate::Kind::Unauthenticated) when an operator's grant
    /// has ended.
    pub fn check(context: &TenantContext) -> Result<Self> {
        context.still_stands()?;
        let grant = decide(context.actor(), &P::DEF);
        tell(context, &P::DEF, None, grant);
        if !grant.allowed {
            return Err(denied(context, &P::DEF, None, grant));
        }
        let audited = context.plan().has(Feature::AuditLog);
        Ok(Self {
            context: context.clone(),
            grant,
            target: None,
            trail: audited.then(|| Trail::new(context, P::DEF.name(), grant)),
            permission: PhantomData,
        })
    }

    /// The context the permit was made for.
    #[must_use]
    pub fn context(&self) -> &TenantContext {
        &self.context
    }

    /// The actor's user id: whom new data belongs to.
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) when it is no user who acts, but a service or an operator.
    pub fn user_id(&self) -> Result<UserId> {
        let user = self.context.user_id();
        user.ok_or_else(|| Error::forbidden(P::DEF.name()).with_log("only a user has data of its own"))
    }

    /// The permit for a named thing, so that audit records say on what it was used: `permit.target("itinerary", id)`. Ids
    /// only, see [`Target::new`]. Costs nothing for a tenant without the audit log.
    pub fn target(&self, kind: &'static str, id: impl Display) -> Self {
        let mut named = self.clone();
        if self.trail.is_some() || self.context.audit().is_some() {
            named.target = Some(Target::new(kind, id));
            named.note(self.grant);
        }
        named
    }

    /// Checks that the actor may touch data of `owner`: its own, or everybody's with a role that reaches all data.
    /// For data that the actor can see; for what it may not see, ask [`on_visible`](Self::on_visible).
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) else.
    pub fn on(&self, owner: UserId) -> Result<()> {
        let decision = decide_on(self.context.actor(), owner);
        self.note(decision);
        if decision.allowed {
            Ok(())
        } else {
            Err(denied(&self.context, &P::DEF, self.target.as_ref(), decision))
        }
    }

    /// As [`on`](Self::on), for data that may be hidden from the actor: what is not `shared` with it does not exist for it.
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for another user's data that is shared,
    /// [`Kind::NotFound`](crate::Kind::NotFound) for what is not.
    pub fn on_visible(&self, owner: UserId, shared: bool) -> Result<()> {
        match self.on(owner) {
            Err(_) if !shared => Err(Error::not_found("the data is another user's and not shared")),
            outcome => outcome,
        }
    }

    /// What a store writes down in the transaction that the permit opens; `None` for a tenant without the audit log.
    #[must_use]
    pub fn trail(&self) -> Option<&Trail> {
        self.trail.as_ref()
    }

    fn note(&self, decision: Decision) {
        tell(&self.context, &P::DEF, self.target.as_ref(), decision);
        if let Some(trail) = self.trail.as_ref().filter(|_| decision.allowed) {
            trail.note(self.target.as_ref(), decision);
        }
    }
}

/// Tells the audit sink.
fn tell(context: &TenantContext, permission: &PermissionDef, target: Option<&Target>, decision: Decision) {
    if let Some(sink) = context.audit() {
        sink.record(&AuditEvent {
            at: jiff::Timestamp::now(),
            tenant: context.tenant_id(),
            actor: context.actor().clone(),
            request: context.request_id(),
            action: permission.name(),
            target: target.cloned(),
            decision,
        });
    }
}

/// Tells the log why, and the client what is missing.
fn denied(
    context: &TenantContext,
    permission: &PermissionDef,
    target: Option<&Target>,
    decision: Decision,
) -> Error {
    tracing::info!(
        %permission,
        actor = %context.actor(),
        role = context.role().map(tracing::field::display),
        on = target.map(tracing::field::display),
        rule = %decision.rule,
        policy = decision.version,
        "denied"
    );
    Error::forbidden(permission.name())
}

impl<P: Permission> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self {
            context: self.context.clone(),
            grant: self.grant,
            target: self.target.clone(),
            trail: self.trail.clone(),
            permission: PhantomData,
        }
    }
}

impl<P: Permission> std::fmt::Debug for Permit<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Permit<{}>({:?})", P::DEF, self.context)
    }
}
