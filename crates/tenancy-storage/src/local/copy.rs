//! A copy within a bucket.

use object_store::{ObjectStoreExt, path::Path};
use tenancy_core::Result;

use super::{Buckets, bucket::Bucket, failure::Failure, stream::beside};
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
            // it ends what it began, whoever waits no longer
            PutMode::Replace => tokio::spawn(replace(bucket, beside()?, from, to))
                .await
                .unwrap_or_else(|_| {
                    Err(object_store::Error::Generic {
                        store: "local",
                        source: "a copy did not end".into(),
                    })
                }),
        };
        Ok(copied.map_err(Failure::from)?)
    }
}

/// A second name beside, which is then given to the copy. Two names of one content are one already, and are left as they are:
/// so the one beside goes in any case, as no list would show it and no deletion end it.
async fn replace(bucket: Bucket, beside: Path, from: Path, to: Path) -> object_store::Result<()> {
    let driver = bucket.driver();
    driver.copy_if_not_exists(&from, &beside).await?;
    let renamed = driver.rename(&beside, &to).await;
    match driver.delete(&beside).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => renamed,
        Err(error) => renamed.and(Err(error)),
    }
}
