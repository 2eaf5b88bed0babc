//! What a handle gives of URLs.

use tenancy_core::{Permit, Result, TenantContext, WritePermission};

use super::{GetTerms, PutTerms, SignedUrl, mint::Mint};
use crate::{ObjectHandle, ObjectKey, deadline::within};

impl ObjectHandle {
    /// A URL by which whoever has it reads the object until it ends, if there is one by then. A bearer credential: give it to
    /// the one client that it is for. Suspending the tenant does not end it, its own time does.
    ///
    /// # Errors
    ///
    /// `Suspended`, `Moving` or `NotFound` when the directory says by now that the tenant is not served, or elsewhere;
    /// `Unavailable` when nobody can sign; `Internal` without a [`UrlSigner`](crate::UrlSigner).
    ///
    /// # Cost
    ///
    /// A look at the directory; about a millisecond with a key file, one call (50 ms) with the cloud's.
    pub async fn sign_get(&self, ctx: &TenantContext, key: &ObjectKey, terms: GetTerms) -> Result<SignedUrl> {
        let place = self.place(ctx)?;
        let mint = Mint::new(self.stores().signer()?, ctx, (self.name(), &place), key);
        within(ctx.deadline(), mint.get(terms)).await
    }

    /// A URL by which whoever has it writes the object until it ends, within the terms. As [`sign_get`](Self::sign_get), and
    /// with a permit: who may not write may not let others write.
    ///
    /// # Errors
    ///
    /// As [`sign_get`](Self::sign_get).
    pub async fn sign_put<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        key: &ObjectKey,
        terms: PutTerms,
    ) -> Result<SignedUrl> {
        let ctx = permit.context();
        let place = self.place(ctx)?;
        let mint = Mint::new(self.stores().signer()?, ctx, (self.name(), &place), key);
        within(ctx.deadline(), mint.put(terms)).await
    }
}
