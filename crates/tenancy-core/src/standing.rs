//! Whether what a context rests on still holds: for work that outlives the request that began it.

use std::{fmt, sync::Arc};

use crate::{
    Actor, Directory, Error, MembershipKey, Memberships, Result, TenantContext, TenantKey, TenantRecord,
    Unresolved, resolver::admit,
};

/// Whom the resolver asked, so that a context can ask again.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) memberships: Arc<dyn Memberships>,
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing").finish_non_exhaustive()
    }
}

impl TenantContext {
    /// Asks again what the resolver asked: the tenant is active and where it was, the member is one in the same role, the
    /// operator's grant has not ended.
    ///
    /// Two look-ups; with caches, each is a look at a table as long as the answer is known to be true.
    ///
    /// # Errors
    ///
    /// `Suspended`, `Moving` and `NotFound` as the resolver gives them; `Moving` when the tenant was moved meanwhile, since the
    /// context leads to where it was; `Forbidden` when the role is another, so that the caller begins anew with it;
    /// `Unauthenticated` when the operator's grant has ended. `Unavailable` when nobody can say.
    pub async fn check_again(&self) -> Result<()> {
        self.still_stands()?;
        let Some(standing) = self.standing() else {
            return Ok(());
        };
        let key = TenantKey::Id(self.tenant_id());
        let record = standing.directory.lookup(&key).await?;
        let record = record
            .filter(|record| key.names(record))
            .ok_or_else(|| Error::not_found("the tenant is gone").with_source(Unresolved::UnknownTenant))?;
        self.check_member(standing, &record).await?;
        admit(record.status)?;
        match record.placement.epoch == self.epoch() {
            true => Ok(()),
            false => Err(Error::moving().with_log("the tenant was moved since the context was made")),
        }
    }

    async fn check_member(&self, standing: &Standing, record: &TenantRecord) -> Result<()> {
        let Actor::User { subject, via, .. } = self.actor() else {
            return Ok(());
        };
        let key = MembershipKey {
            tenant: record.id,
            pool: record.identity_tenant.clone(),
            subject: subject.clone(),
        };
        let membership = standing.memberships.membership(&key).await?;
        let membership = membership.ok_or_else(|| {
            Error::not_found("the user is no longer a member").with_source(Unresolved::NoMember)
        })?;
        let now = Actor::User {
            id: membership.user,
            subject: key.subject,
            role: membership.role,
            via: via.clone(),
        };
        match now.under(self.plan()).role() == self.role() {
            true => Ok(()),
            false => {
                Err(Error::forbidden("role")
                    .with_log("the member's role is another since the context was made"))
            }
        }
    }

    /// Ends when the context does, with the reason: for streams that outlive a request. Asks [again](Self::check_again) each
    /// second, so what a directory has heard ends the stream within a second and what the directory may take to hear it.
    ///
    /// An answer that can't be had ends nothing for ten seconds; then the stream ends with `Unavailable`.
    #[cfg(feature = "work")]
    pub async fn revoked(&self) -> Error {
        let mut silent = 0;
        loop {
            tokio::time::sleep(EVERY).await;
            let asked = tokio::time::timeout(EVERY, self.check_again()).await;
            let asked = asked.unwrap_or_else(|_| Err(Error::unavailable("the directory does not answer")));
            match asked {
                Ok(()) => silent = 0,
                Err(error) if error.kind() == crate::Kind::Unavailable && silent < PATIENCE => silent += 1,
                Err(error) => return error,
            }
        }
    }
}

/// How far a question is from the next.
#[cfg(feature = "work")]
const EVERY: std::time::Duration = std::time::Duration::from_secs(1);
/// How many questions in a row may go without an answer.
#[cfg(feature = "work")]
const PATIENCE: u32 = 9;

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
