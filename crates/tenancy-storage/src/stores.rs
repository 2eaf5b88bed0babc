//! The stores that a process can reach.

use std::{path::Path, sync::Arc};

use tenancy_core::{Error, Result, StoreName};

use crate::{GcsOptions, ObjectHandle, UrlSigner, backend::Backend, gcs, local};

/// An object is held in memory while it is put.
const DEFAULT_MAX_OBJECT_BYTES: u64 = 64 * 1024 * 1024;

/// The object stores that a process can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ObjectStores {
    backend: Arc<dyn Backend>,
    max_object_bytes: u64,
    signer: Option<UrlSigner>,
}

impl ObjectStores {
    /// Stores on the local file system: each bucket is a sub-folder of `root`, made by the first write to it, and
    /// readable by this process's user alone.
    ///
    /// # Errors
    ///
    /// `Internal` when `root` is no folder that can be read; the log says what to do. It is not made here: an empty
    /// folder in the place of a volume that was not mounted would look like data that is gone.
    pub fn local(root: &Path) -> Result<Self> {
        let buckets = local::Buckets::open(root).map_err(|error| {
            Error::internal("the folder of the buckets can't be read: create it, or correct its path")
                .with_source(error)
        })?;
        Ok(Self::over(buckets))
    }

    /// Stores in Google Cloud Storage. Buckets are not made here: one that a placement names has to exist.
    ///
    /// # Errors
    ///
    /// `Internal` when the credentials can't be read, or the endpoint is not one to send them to; the log says what to do.
    ///
    /// # Cost
    ///
    /// Asks nothing of the store: whether the credentials are good shows at the first call.
    pub async fn gcs(options: &GcsOptions) -> Result<Self> {
        Ok(Self::over(gcs::Buckets::open(options).await?))
    }

    fn over(backend: impl Backend + 'static) -> Self {
        Self {
            backend: Arc::new(backend),
            max_object_bytes: DEFAULT_MAX_OBJECT_BYTES,
            signer: None,
        }
    }

    /// The same stores with another bound on the size of one object, streamed or not, in bytes. 64 MiB by default.
    #[must_use]
    pub fn with_max_object_bytes(mut self, bytes: u64) -> Self {
        self.max_object_bytes = bytes;
        self
    }

    /// The same stores, which give URLs that `signer` signs. Without one, they give none.
    #[must_use]
    pub fn with_url_signer(mut self, signer: UrlSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    /// A handle to a logical store. Opens nothing: the tenant's placement says where it is when it is used.
    #[must_use]
    pub fn handle(&self, name: StoreName) -> ObjectHandle {
        ObjectHandle::new(self.clone(), name)
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    pub(crate) fn signer(&self) -> Result<&UrlSigner> {
        let signer = self.signer.as_ref();
        signer.ok_or_else(|| Error::internal("nobody signs URLs: give the stores a `UrlSigner`"))
    }

    pub(crate) fn max_object_bytes(&self) -> u64 {
        self.max_object_bytes
    }
}
