//! Two tenants, one root.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tenancy_core::{
    DataWrite, Error, KeyLayout, Permit, Result, Role, TenantContext, TenantRecord, Tier, names,
};
use tenancy_storage::{Listing, ObjectHandle, ObjectKey, ObjectMeta, ObjectStores, PutMode};
use tenancy_testkit::{context, tenant};

/// A folder of buckets, gone at the end of the test.
pub(crate) struct Root {
    pub(crate) folder: TempDir,
    pub(crate) stores: ObjectStores,
}

impl Root {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = ObjectStores::local(folder.path()).unwrap();
        Self { folder, stores }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The owner of a tenant whose objects have `layout`.
    pub(crate) async fn owner(&self, slug: &str, layout: KeyLayout) -> Member {
        let tier = match layout {
            KeyLayout::TenantPrefix => Tier::Free,
            KeyLayout::Dedicated => Tier::Standard,
        };
        let mut tenant = tenant(slug, tier);
        let place = names::objects(tenant.id, layout).unwrap();
        tenant.placement.objects = [("uploads".parse().unwrap(), place)].into();
        self.owner_of(tenant).await
    }

    pub(crate) async fn owner_of(&self, tenant: TenantRecord) -> Member {
        let ctx = context(&tenant, Role::Owner).await;
        Member {
            permit: Permit::check(&ctx).unwrap(),
            store: self.stores.handle("uploads".parse().unwrap()),
            root: self.path().to_owned(),
            ctx,
            tenant,
        }
    }
}

/// A member of a tenant, with its store at hand.
pub(crate) struct Member {
    pub(crate) tenant: TenantRecord,
    pub(crate) ctx: TenantContext,
    pub(crate) permit: Permit<DataWrite>,
    pub(crate) store: ObjectHandle,
    root: PathBuf,
}

impl Member {
    pub(crate) async fn create(&self, text: &str, content: &'static str) -> Result<ObjectMeta> {
        self.store
            .put(&self.permit, &key(text), content.into(), PutMode::Create)
            .await
    }

    pub(crate) async fn replace(&self, text: &str, content: &'static str) -> Result<ObjectMeta> {
        self.store
            .put(&self.permit, &key(text), content.into(), PutMode::Replace)
            .await
    }

    pub(crate) async fn read(&self, text: &str) -> Result<String> {
        let object = self.store.get(&self.ctx, &key(text)).await?;
        let bytes = object.into_bytes(1 << 20).await?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    pub(crate) async fn head(&self, text: &str) -> Result<ObjectMeta> {
        self.store.head(&self.ctx, &key(text)).await
    }

    pub(crate) async fn delete(&self, text: &str) -> Result<()> {
        self.store.delete(&self.permit, &key(text)).await
    }

    /// The keys of one page.
    pub(crate) async fn keys(&self, listing: Listing) -> Vec<String> {
        let page = self.store.list(&self.ctx, &listing).await.unwrap();
        page.objects.into_iter().map(|object| object.key.into()).collect()
    }

    /// Where the spec says that the tenant's objects are.
    pub(crate) fn folder(&self) -> PathBuf {
        let place = self.tenant.placement.objects.values().next().unwrap();
        let bucket = self.root.join(place.bucket.as_str());
        match place.layout {
            KeyLayout::TenantPrefix => bucket.join(self.tenant.id.to_string()),
            KeyLayout::Dedicated => bucket,
        }
    }
}

pub(crate) const LAYOUTS: [KeyLayout; 2] = [KeyLayout::TenantPrefix, KeyLayout::Dedicated];

pub(crate) fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

/// What a client gets.
pub(crate) fn body(error: &Error) -> String {
    serde_json::to_string(error.problem()).unwrap()
}

/// Every file below `folder`, relative to it.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                all.push(
                    entry
                        .path()
                        .strip_prefix(folder)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }
    all.sort();
    all
}
