//! A directory from configuration.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;

use super::{Directory, TenantKey};
use crate::{Result, TenantRecord};

/// A directory whose records come from configuration: for pinned deployments that run without the registry.
#[derive(Debug, Default)]
pub struct StaticDirectory {
    records: HashMap<TenantKey, Arc<TenantRecord>>,
}

/// Two records claim the same name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("two tenants share `{0:?}`; each id, slug, user pool and host belongs to one tenant")]
pub struct StaticDirectoryError(pub TenantKey);

impl StaticDirectory {
    /// A directory of these tenants.
    ///
    /// # Errors
    ///
    /// When two of them share an id, a slug, a user pool or a host.
    pub fn new(records: impl IntoIterator<Item = TenantRecord>) -> Result<Self, StaticDirectoryError> {
        let mut all = HashMap::new();
        for record in records {
            let record = Arc::new(record);
            for key in record.keys() {
                if all.insert(key.clone(), Arc::clone(&record)).is_some() {
                    return Err(StaticDirectoryError(key));
                }
            }
        }
        Ok(Self { records: all })
    }

    /// Every tenant once, in no order.
    #[cfg(feature = "work")]
    pub(crate) fn tenants(&self) -> impl Iterator<Item = &TenantRecord> {
        let by_id = self
            .records
            .iter()
            .filter(|(key, _)| matches!(key, TenantKey::Id(_)));
        by_id.map(|(_, record)| &**record)
    }
}

#[async_trait]
impl Directory for StaticDirectory {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        Ok(self.at_hand(key))
    }

    fn at_hand(&self, key: &TenantKey) -> Option<Arc<TenantRecord>> {
        self.records.get(key).cloned()
    }
}
