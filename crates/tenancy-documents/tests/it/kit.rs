//! Two tenants in a project of their own.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tenancy_core::{
    DataWrite, DocumentLayout, Permit, ProjectId, Role, TenantContext, TenantRecord, Tier, names,
};
use tenancy_documents::{
    CollectionPath, Document, DocumentHandle, DocumentOptions, DocumentPath, DocumentStores,
};
use tenancy_testkit::{Firestore, context, two_tenants};

pub(crate) const LAYOUTS: [DocumentLayout; 3] = [
    DocumentLayout::TenantRoot,
    DocumentLayout::CollectionRoot,
    DocumentLayout::Dedicated,
];

static PROJECTS: AtomicU32 = AtomicU32::new(0);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trip {
    pub(crate) title: String,
    pub(crate) days: u32,
}

pub(crate) fn trip(title: &str, days: u32) -> Trip {
    Trip {
        title: title.to_owned(),
        days,
    }
}

/// A member of one tenant.
pub(crate) struct Side {
    pub(crate) record: TenantRecord,
    pub(crate) ctx: TenantContext,
    pub(crate) permit: Permit<DataWrite>,
}

pub(crate) struct World {
    pub(crate) documents: DocumentHandle,
    pub(crate) acme: Side,
    pub(crate) globex: Side,
}

/// Two tenants whose stores are laid out so, in a project that no other test has.
pub(crate) async fn world(layout: DocumentLayout) -> World {
    let url = Firestore::shared().await.unwrap().url();
    world_at(&url, layout, DocumentOptions::default()).await
}

pub(crate) async fn world_at(url: &str, layout: DocumentLayout, options: DocumentOptions) -> World {
    let project = project();
    let (mut acme, mut globex) = two_tenants(Tier::Standard);
    for record in [&mut acme, &mut globex] {
        let place = names::documents(&record.slug, &project, layout).unwrap();
        record.placement.documents = [("live".parse().unwrap(), place)].into();
    }
    let stores = DocumentStores::emulator(url, options).unwrap();
    World {
        documents: stores.handle("live".parse().unwrap()),
        acme: side(acme).await,
        globex: side(globex).await,
    }
}

pub(crate) async fn side(record: TenantRecord) -> Side {
    let ctx = context(&record, Role::Member).await;
    let permit = Permit::check(&ctx).unwrap();
    Side { record, ctx, permit }
}

fn project() -> ProjectId {
    let n = PROJECTS.fetch_add(1, Ordering::Relaxed);
    format!("demo-{}-{n}", std::process::id()).parse().unwrap()
}

pub(crate) fn at(path: &str) -> DocumentPath {
    path.parse().unwrap()
}

pub(crate) fn of(path: &str) -> CollectionPath {
    path.parse().unwrap()
}

pub(crate) fn titles(documents: &[Document<Trip>]) -> Vec<&str> {
    documents
        .iter()
        .map(|document| document.data.title.as_str())
        .collect()
}

/// Bounds that a test can wait for.
pub(crate) fn brief() -> DocumentOptions {
    let mut options = DocumentOptions::default();
    options.call_timeout = Duration::from_secs(3);
    options.listener_patience = Duration::from_secs(4);
    options
}
