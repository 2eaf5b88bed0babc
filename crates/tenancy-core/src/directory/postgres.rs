//! The directory over the registry's tables.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Directory, TenantKey};
use crate::{Result, TenantRecord, registry::RegistryClient};

/// The directory over the registry's tables. One round trip a look-up.
///
/// It calls functions of the registry and reads no table: a shared deployment's role may ask for any tenant, a pinned
/// one's only for its own (the function knows by the session's user which that is).
#[derive(Clone, Debug)]
pub struct PgDirectory {
    registry: RegistryClient,
}

impl PgDirectory {
    /// A directory over `registry`.
    #[must_use]
    pub fn new(registry: RegistryClient) -> Self {
        Self { registry }
    }

    #[cfg(feature = "work")]
    pub(crate) fn registry(&self) -> &RegistryClient {
        &self.registry
    }
}

#[async_trait]
impl Directory for PgDirectory {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        let record = self.registry.tenant(key).await?;
        Ok(record.filter(|record| key.names(record)).map(Arc::new))
    }
}
