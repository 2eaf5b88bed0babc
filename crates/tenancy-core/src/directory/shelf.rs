//! Where the tenants' records are kept: once by id, with a reference for each other name.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Directory, TenantKey};
use crate::{
    Result, StaleCaps, TenantId, TenantRecord, TenantStatus,
    fresh::{Began, Entry, KeyHash, Shelf, Table},
};

type Record = Arc<TenantRecord>;

/// The records of a process's tenants.
pub(crate) struct Records {
    source: Arc<dyn Directory>,
    ids: Table<Record>,
    slugs: Table<Record>,
    pools: Table<Record>,
    hosts: Table<Record>,
    /// One writes at a time, so that a record's names change together. Readers take no part in it.
    writing: Mutex<()>,
    count: AtomicUsize,
    capacity: usize,
    caps: StaleCaps,
    /// Rises with each record that is another than before.
    pub(super) version: AtomicU64,
}

impl Records {
    pub(super) fn new(source: Arc<dyn Directory>, capacity: usize, caps: StaleCaps) -> Self {
        Self {
            source,
            ids: Table::new(capacity),
            slugs: Table::new(capacity),
            pools: Table::new(capacity),
            hosts: Table::new(capacity),
            writing: Mutex::new(()),
            count: AtomicUsize::new(0),
            capacity: capacity.max(1),
            caps,
            version: AtomicU64::new(0),
        }
    }

    pub(super) fn all(&self) -> Vec<Arc<Entry<Record>>> {
        self.ids.all()
    }

    /// How long what is known of `tenant` serves through an outage: the shortest, when nothing is.
    pub(crate) fn cap_of(&self, tenant: TenantId) -> Duration {
        let cap = self.of(tenant, |entry| self.caps.of(entry.value.tier));
        cap.unwrap_or(self.caps.free)
    }

    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn of<R>(&self, id: TenantId, read: impl FnOnce(&Arc<Entry<Record>>) -> R) -> Option<R> {
        self.with(&TenantKey::Id(id), read)
    }

    fn table(&self, key: &TenantKey) -> (&Table<Record>, KeyHash) {
        match key {
            TenantKey::Id(id) => (&self.ids, self.ids.hash(id)),
            TenantKey::Slug(slug) => (&self.slugs, self.slugs.hash(slug.as_str())),
            TenantKey::Identity(pool) => (&self.pools, self.pools.hash(pool.as_str())),
            TenantKey::Host(host) => (&self.hosts, self.hosts.hash(host.as_str())),
        }
    }

    /// Removes an entry under all its names.
    fn remove(&self, entry: &Arc<Entry<Record>>) {
        for key in entry.value.keys() {
            let (table, hash) = self.table(&key);
            let removed = table.remove(hash, entry);
            if removed && matches!(key, TenantKey::Id(_)) {
                self.count.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Puts an entry under all its names, in the place of `old`.
    fn place(&self, entry: &Arc<Entry<Record>>, old: Option<&Arc<Entry<Record>>>) {
        for key in entry.value.keys() {
            let (table, hash) = self.table(&key);
            table.put(hash, |record| key.names(record), Arc::clone(entry));
        }
        let Some(old) = old else {
            self.count.fetch_add(1, Ordering::Relaxed);
            return self.make_room(entry);
        };
        for key in old.value.keys().filter(|key| !key.names(&entry.value)) {
            let (table, hash) = self.table(&key);
            table.remove(hash, old);
        }
    }

    fn make_room(&self, spared: &Arc<Entry<Record>>) {
        let hash = self.ids.hash(spared.value.id);
        while self.len() > self.capacity {
            let Some(evicted) = self.ids.evict(hash, spared) else {
                return;
            };
            // it is out of `ids` already
            self.count.fetch_sub(1, Ordering::Relaxed);
            self.remove(&evicted);
        }
    }

    /// Keeps a record of an earlier process, unless one of this process is there.
    pub(super) fn restore(&self, record: TenantRecord, began: Began) {
        let _writing = self.writing.lock();
        if self.len() < self.capacity && self.of(record.id, |_| ()).is_none() {
            let id = record.id;
            self.place(&Arc::new(Entry::new(Arc::new(record), id, began)), None);
        }
    }
}

/// The answer, or where it is of an earlier placement and shuts the tenant out by now, what is kept and shut out: a suspension
/// wins, and a placement does not go back.
fn shut_where_kept(kept: &Entry<Record>, new: Record, began: &Began) -> Record {
    let (now, then) = (&kept.value, &new);
    let shuts = then.status != TenantStatus::Active && now.status == TenantStatus::Active;
    let earlier = now.placement.epoch > then.placement.epoch;
    if shuts && earlier && kept.is_of_this_process() && !kept.is_later_than(began) {
        let status = then.status;
        let mut shut = TenantRecord::clone(now);
        shut.status = status;
        return Arc::new(shut);
    }
    new
}

/// Whether what is kept stays: it is of a later placement, or of a later look-up of the same one. What an earlier process
/// knew gives way to any answer.
fn stays(kept: &Entry<Record>, new: &TenantRecord, began: &Began) -> bool {
    let (kept_epoch, new_epoch) = (kept.value.placement.epoch, new.placement.epoch);
    kept.is_of_this_process()
        && (kept_epoch > new_epoch || (kept_epoch == new_epoch && kept.is_later_than(began)))
}

#[async_trait]
impl Shelf for Records {
    type Key = TenantKey;
    type Value = Record;

    const WHAT: &'static str = "tenants";
    const CACHE: &'static str = "directory";

    async fn load(&self, key: &TenantKey) -> Result<Option<Record>> {
        let record = self.source.lookup(key).await?;
        Ok(record.filter(|record| key.names(record)))
    }

    fn with<R>(&self, key: &TenantKey, read: impl FnOnce(&Arc<Entry<Record>>) -> R) -> Option<R> {
        let (table, hash) = self.table(key);
        // the text is not compared here: among a million records it would be two more waits for main memory. The resolver
        // compares it before it believes the record
        table.with(hash, |_| true, read)
    }

    fn put(&self, record: Record, began: Began) -> Arc<Entry<Record>> {
        let _writing = self.writing.lock();
        let old = self.of(record.id, Arc::clone);
        let record = match &old {
            Some(old) => shut_where_kept(old, record, &began),
            None => record,
        };
        if let Some(old) = &old
            && stays(old, &record, &began)
        {
            return Arc::clone(old);
        }
        if old.as_ref().is_none_or(|old| old.value != record) {
            self.version.fetch_add(1, Ordering::Release);
        }
        let id = record.id;
        let entry = Arc::new(Entry::new(record, id, began));
        self.place(&entry, old.as_ref());
        entry
    }

    fn forget(&self, key: &TenantKey, began: Began) {
        let _writing = self.writing.lock();
        let entry = self.with(key, Arc::clone);
        if let Some(entry) = entry.filter(|entry| !entry.is_later_than(&began)) {
            self.remove(&entry);
        }
    }

    fn tenant(key: &TenantKey) -> Option<TenantId> {
        match key {
            TenantKey::Id(id) => Some(*id),
            _ => None,
        }
    }

    fn is_hint(key: &TenantKey) -> bool {
        key.is_hint()
    }

    fn cap(&self, entry: &Entry<Record>) -> Duration {
        match entry.value.status {
            TenantStatus::Active => self.caps.of(entry.value.tier),
            // what keeps everybody out does so until somebody says otherwise
            _ => Duration::MAX,
        }
    }
}
