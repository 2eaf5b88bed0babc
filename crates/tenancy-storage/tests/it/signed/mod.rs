//! Signed URLs. What the store would check of them is checked by [`store`], which the vendor's documentation describes.

mod cloud;
mod misuse;
mod server;
mod standing;
mod store;
mod vectors;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tenancy_core::{
    DataWrite, Directory, KeyLayout, ObjectsPlacement, Permit, Result, Role, SecretRef, TenantContext,
    TenantKey, TenantRecord, Tier, names,
};
use tenancy_storage::{ObjectHandle, ObjectStores, UrlEndpoint, UrlSigner};
use tenancy_testkit::{context, tenant};

pub(super) fn vectors() -> Value {
    serde_json::from_str(include_str!("../../v4/vectors.json")).unwrap()
}

/// A directory that can change its mind.
#[derive(Default)]
pub(super) struct Changing(Mutex<Option<TenantRecord>>);

impl Changing {
    pub(super) fn says(&self, record: Option<TenantRecord>) {
        *self.0.lock().unwrap() = record;
    }
}

#[async_trait]
impl Directory for Changing {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        let record = self.0.lock().unwrap().clone();
        Ok(record.filter(|record| key.names(record)).map(Arc::new))
    }
}

/// A tenant whose store gives URLs.
pub(super) struct Signing {
    pub(super) record: TenantRecord,
    pub(super) ctx: TenantContext,
    pub(super) permit: Permit<DataWrite>,
    pub(super) directory: Arc<Changing>,
    pub(super) signer: UrlSigner,
    folder: TempDir,
}

impl Signing {
    /// The vectors' tenant and key, at that time.
    pub(super) async fn new(layout: KeyLayout, at: Timestamp) -> Self {
        let vectors = vectors();
        let mut record = tenant("acme", Tier::Standard);
        record.id = vectors["tenant"].as_str().unwrap().parse().unwrap();
        let place = names::objects(record.id, layout).unwrap();
        record.placement.objects = [("uploads".parse().unwrap(), place)].into();
        let directory = Arc::new(Changing::default());
        directory.says(Some(record.clone()));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.json");
        std::fs::write(&file, vectors["key_file"].to_string()).unwrap();
        let signer = UrlSigner::key_file(SecretRef::File(file), Arc::clone(&directory) as _).unwrap();
        let ctx = context(&record, Role::Owner).await;
        Self {
            permit: Permit::check(&ctx).unwrap(),
            signer: signer.by_clock(move || at),
            ctx,
            record,
            directory,
            folder,
        }
    }

    /// The same tenant, with its uploads there.
    pub(super) async fn placed(mut self, place: ObjectsPlacement) -> Self {
        self.record.placement.objects = [("uploads".parse().unwrap(), place)].into();
        self.directory.says(Some(self.record.clone()));
        self.ctx = context(&self.record, Role::Owner).await;
        self.permit = Permit::check(&self.ctx).unwrap();
        self
    }

    pub(super) fn at(mut self, endpoint: &str) -> Self {
        self.signer = self.signer.at(endpoint.parse::<UrlEndpoint>().unwrap());
        self
    }

    pub(super) fn store(&self) -> ObjectHandle {
        let stores = ObjectStores::local(self.folder.path()).unwrap();
        let stores = stores.with_url_signer(self.signer.clone());
        stores.handle("uploads".parse().unwrap())
    }
}
