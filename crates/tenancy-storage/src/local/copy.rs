//! A copy within a bucket.

use object_store::ObjectStoreExt;
use tenancy_core::Result;

use super::{Buckets, failure::Failure};
use crate::{ObjectKey, PutMode, place::Place};

impl Buckets {
    /// A second name for the content, which no write changes in place: writing replaces the name.
    pub(super) async fn duplicate(
        &self,
        place: &Place,
        from: &ObjectKey,
        to: &ObjectKey,
        mode: PutMode,
    ) -> Result<()> {
        let (from, to) = (place.path(from)?, place.path(to)?);
        self.holding(place.bucket(), &from).await?;
        let bucket = self.writable(place.bucket(), &to, mode).await?;
        let copied = match mode {
            PutMode::Create => bucket.driver().copy_if_not_exists(&from, &to).await,
            PutMode::Replace => bucket.driver().copy(&from, &to).await,
        };
        Ok(copied.map_err(Failure::from)?)
    }
}
