//! The proof that an authorization check passed.

use std::marker::PhantomData;

use crate::{
    Decision, Error, Permission, Result, Rule, TenantContext, UserId, decide, decision::reaches_all_data,
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
    /// Checks the actor's role. Pure: no round trip.
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) when the role lacks `P`; the problem names the permission, the log
    /// the role and the rule.
    pub fn check(context: &TenantContext) -> Result<Self> {
        let role = context.role();
        let Decision { allowed, rule } = decide(role, P::KIND);
        if !allowed {
            tracing::info!(permission = %P::KIND, %role, ?rule, "denied");
            return Err(Error::forbidden(P::KIND.as_str()));
        }
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
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.context.user_id()
    }

    /// Checks that the actor may touch data of `owner`: its own, or everybody's with a role that reaches all data.
    /// For data that the actor can see; data that it can't see is "not found" before this question comes up.
    ///
    /// # Errors
    ///
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) else.
    pub fn on(&self, owner: UserId) -> Result<()> {
        let role = self.context.role();
        let rule = if owner == self.user_id() {
            Rule::OwnData
        } else if reaches_all_data(role) {
            Rule::AllData
        } else {
            Rule::OthersData
        };
        if rule == Rule::OthersData {
            tracing::info!(permission = %P::KIND, %role, ?rule, "denied");
            return Err(Error::forbidden(P::KIND.as_str()));
        }
        Ok(())
    }
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
        write!(f, "Permit<{}>({:?})", P::KIND, self.context)
    }
}
