//! Where memberships are kept.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Membership, MembershipKey, Memberships};
use crate::{
    Result, TenantId,
    directory::Records,
    fresh::{Began, Cache, Entry, Shelf, Table},
};

/// A membership, and all that it was found by.
pub(crate) struct Member {
    pub(crate) key: MembershipKey,
    pub(crate) membership: Membership,
}

/// The memberships of a process's tenants.
pub(crate) struct Members {
    source: Arc<dyn Memberships>,
    /// Knows the tenants' tiers.
    tenants: Arc<Cache<Records>>,
    table: Table<Arc<Member>>,
    writing: Mutex<()>,
    count: AtomicUsize,
    capacity: usize,
    /// Rises with each membership that is another than before.
    pub(crate) version: AtomicU64,
}

impl Members {
    pub(super) fn new(source: Arc<dyn Memberships>, tenants: Arc<Cache<Records>>, capacity: usize) -> Self {
        Self {
            source,
            tenants,
            table: Table::new(capacity),
            writing: Mutex::new(()),
            count: AtomicUsize::new(0),
            capacity: capacity.max(1),
            version: AtomicU64::new(0),
        }
    }

    pub(crate) fn all(&self) -> Vec<Arc<Entry<Arc<Member>>>> {
        self.table.all()
    }

    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Keeps a membership of an earlier process, unless one of this process is there.
    pub(crate) fn restore(&self, member: Member, began: Began) {
        let _writing = self.writing.lock();
        if self.len() < self.capacity && self.with(&member.key, |_| ()).is_none() {
            let tenant = member.key.tenant;
            self.place(&Arc::new(Entry::new(Arc::new(member), tenant, began)));
        }
    }

    fn place(&self, entry: &Arc<Entry<Arc<Member>>>) {
        let key = &entry.value.key;
        let hash = self.table.hash_of_compared(key);
        let old = self
            .table
            .put(hash, |member| member.key == *key, Arc::clone(entry));
        if old.is_none() {
            let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
            if count > self.capacity && self.table.evict(hash, entry).is_some() {
                self.count.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

#[async_trait]
impl Shelf for Members {
    type Key = MembershipKey;
    type Value = Arc<Member>;

    const WHAT: &'static str = "memberships";
    const CACHE: &'static str = "memberships";

    async fn load(&self, key: &MembershipKey) -> Result<Option<Arc<Member>>> {
        let membership = self.source.membership(key).await?;
        let member = |membership| Member {
            key: key.clone(),
            membership,
        };
        Ok(membership.map(member).map(Arc::new))
    }

    fn with<R>(&self, key: &MembershipKey, read: impl FnOnce(&Arc<Entry<Arc<Member>>>) -> R) -> Option<R> {
        // the key is compared as a whole: its parts are references to texts that are shared
        let hash = self.table.hash_of_compared(key);
        self.table.with(hash, |member| member.key == *key, read)
    }

    fn put(&self, member: Arc<Member>, began: Began) -> Arc<Entry<Arc<Member>>> {
        let _writing = self.writing.lock();
        let old = self.with(&member.key, Arc::clone);
        if let Some(old) = &old
            && old.is_later_than(&began)
        {
            return Arc::clone(old);
        }
        if old.is_none_or(|old| old.value.membership != member.membership) {
            self.version.fetch_add(1, Ordering::Release);
        }
        let tenant = member.key.tenant;
        let entry = Arc::new(Entry::new(member, tenant, began));
        self.place(&entry);
        entry
    }

    fn forget(&self, key: &MembershipKey, began: Began) {
        let _writing = self.writing.lock();
        let entry = self.with(key, Arc::clone);
        if let Some(entry) = entry.filter(|entry| !entry.is_later_than(&began))
            && self.table.remove(self.table.hash_of_compared(key), &entry)
        {
            self.count.fetch_sub(1, Ordering::Relaxed);
            self.version.fetch_add(1, Ordering::Release);
        }
    }

    fn tenant(key: &MembershipKey) -> Option<TenantId> {
        Some(key.tenant)
    }

    fn is_hint(_: &MembershipKey) -> bool {
        false
    }

    fn cap(&self, entry: &Entry<Arc<Member>>) -> Duration {
        self.tenants.shelf.cap_of(entry.tenant)
    }
}
