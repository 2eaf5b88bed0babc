//! Two tenants, one root.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::{StreamExt, stream};
use tempfile::TempDir;
use tenancy_core::{
    DataWrite, Error, KeyLayout, Permit, Result, Role, TenantContext, TenantRecord, Tier, names,
};
use tenancy_storage::{
    GcsCredentials, GcsOptions, Listing, ObjectHandle, ObjectKey, ObjectMeta, ObjectStores, PutMode,
};
use tenancy_testkit::{ObjectServer, context, context_until, tenant};

/// Buckets: in a folder, gone at the end of the test, or on a server.
pub(crate) struct Root {
    pub(crate) folder: TempDir,
    pub(crate) stores: ObjectStores,
    pub(crate) server: Option<&'static ObjectServer>,
}

/// One of each kind of store.
pub(crate) async fn backends() -> [Root; 2] {
    [Root::new(), Root::on_server().await]
}

impl Root {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = ObjectStores::local(folder.path()).unwrap();
        Self {
            folder,
            stores,
            server: None,
        }
    }

    pub(crate) async fn on_server() -> Self {
        let server = ObjectServer::shared().await.unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            stores: gcs(&server.url()).await,
            server: Some(server),
        }
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
        if let Some(server) = self.server {
            // a cloud's bucket is made before it is used
            server.create_bucket(place.bucket.as_str()).await.unwrap();
        }
        tenant.placement.objects = [("uploads".parse().unwrap(), place)].into();
        self.owner_of(tenant).await
    }

    pub(crate) async fn owner_of(&self, tenant: TenantRecord) -> Member {
        let ctx = context(&tenant, Role::Owner).await;
        self.member(tenant, ctx)
    }

    fn member(&self, tenant: TenantRecord, ctx: TenantContext) -> Member {
        Member {
            permit: Permit::check(&ctx).unwrap(),
            store: self.stores.handle("uploads".parse().unwrap()),
            root: self.path().to_owned(),
            ctx,
            tenant,
        }
    }
}

/// Stores on the server, or the proxy, at `url`.
pub(crate) async fn gcs(url: &str) -> ObjectStores {
    let options = GcsOptions::new(GcsCredentials::Anonymous).endpoint(url);
    ObjectStores::gcs(&options).await.unwrap()
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

    /// The same member, whose callers wait for so long.
    pub(crate) async fn waiting(&self, root: &Root, patience: Duration) -> Self {
        let ctx = context_until(&self.tenant, Role::Owner, Instant::now() + patience).await;
        root.member(self.tenant.clone(), ctx)
    }

    pub(crate) async fn put(&self, text: &str, content: Bytes, mode: PutMode) -> Result<ObjectMeta> {
        self.store.put(&self.permit, &key(text), content, mode).await
    }

    pub(crate) async fn stream(
        &self,
        text: &str,
        chunks: Vec<Result<Bytes>>,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let content = stream::iter(chunks).boxed();
        self.store
            .put_stream(&self.permit, &key(text), content, mode)
            .await
    }

    pub(crate) async fn copy(&self, from: &str, to: &str, mode: PutMode) -> Result<()> {
        self.store.copy(&self.permit, &key(from), &key(to), mode).await
    }

    pub(crate) async fn range(&self, text: &str, range: Range<u64>) -> Result<Bytes> {
        let object = self.store.get_range(&self.ctx, &key(text), range).await?;
        object.into_bytes(u64::MAX).await
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
