//! The proof that an authorization check passed.

use std::marker::PhantomData;

use crate::{
    AuditEvent, Decision, Error, Permission, PermissionDef, Result, TenantContext, UserId, decide, decide_on,
};

/// Proof that the actor of a [`TenantContext`] has the permission `P`. It names tenant and actor, is made by the check
/// alone, and is what a store asks for before it writes.
///
/// ```compile_fail,E0423
/// fn forge(ctx: tenancy_core::TenantContext) -> tenancy_core::Permit<tenancy_core::DataWrite> {
///     tenancy_core::Permit(ctx)
/// }
/// ```
pub struct Permit<P: Permission> {
    context: TenantContext,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Permit<P> {
    /// Checks what the actor may do. Pure: no round trip.
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) when the actor lacks `P`; the problem names the permission, the log
    /// the actor and the rule. [`Kind::Unauthenticated`](crate::Kind::Unauthenticated) when an operator's grant has ended.
    pub fn check(context: &TenantContext) -> Result<Self> {
        context.still_stands()?;
        conclude(context, &P::DEF, decide(context.actor(), &P::DEF))?;
        Ok(Self {
            context: context.clone(),
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

    /// Checks that the actor may touch data of `owner`: its own, or everybody's with a role that reaches all data.
    /// For data that the actor can see; data that it can't see is "not found" before this question comes up.
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) else.
    pub fn on(&self, owner: UserId) -> Result<()> {
        conclude(&self.context, &P::DEF, decide_on(self.context.actor(), owner))
    }
}

/// Tells log and audit of a decision, and makes a denial an error.
fn conclude(context: &TenantContext, permission: &PermissionDef, decision: Decision) -> Result<()> {
    if let Some(sink) = context.audit() {
        sink.record(&AuditEvent {
            at: jiff::Timestamp::now(),
            tenant: context.tenant_id(),
            actor: context.actor().clone(),
            request: context.request_id(),
            action: permission.name(),
            target: None,
            decision,
        });
    }
    if decision.allowed {
        return Ok(());
    }
    let role = context.role().map(tracing::field::display);
    tracing::info!(%permission, actor = %context.actor(), role, rule = ?decision.rule, "denied");
    Err(Error::forbidden(permission.name()))
}

impl<P: Permission> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self {
            context: self.context.clone(),
            permission: PhantomData,
        }
    }
}

impl<P: Permission> std::fmt::Debug for Permit<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Permit<{}>({:?})", P::DEF, self.context)
    }
}
