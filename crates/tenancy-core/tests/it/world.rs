//! A source that does as it is told, and processes that keep what it answers.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tenancy_core::{
    CacheOptions, CachedMemberships, Directory, Epoch, Error, Kind, Membership, MembershipKey, Memberships,
    Placement, Result, Role, TenantId, TenantKey, TenantRecord, TenantStatus, Tier, UserId,
    directory::{CachedDirectory, ChangeFeed, ChangeFollower, Changed, Changes, Cursor, Nudge},
};

/// How long an answer takes.
pub(crate) const TRIP: Duration = Duration::from_millis(5);

pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// How a part of the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Up,
    Down,
    Hangs,
    /// It answers, and what it says can't be used.
    Wrong,
}

struct Script {
    tenants: HashMap<TenantId, TenantRecord>,
    members: HashMap<MembershipKey, Membership>,
    changes: Vec<TenantId>,
    /// Cursors before this one are not known any more.
    first_cursor: usize,
    nudges: Vec<Nudge>,
    push: bool,
    feed: Health,
    look_ups: Health,
    /// Of look-ups by what anybody may name.
    hints: Health,
    trip: Duration,
}

/// The registry, as a process sees it.
pub(crate) struct Source {
    script: Mutex<Script>,
    pub(crate) loads: AtomicUsize,
}

impl Source {
    pub(crate) fn new() -> Arc<Self> {
        let script = Script {
            tenants: HashMap::new(),
            members: HashMap::new(),
            changes: Vec::new(),
            first_cursor: 0,
            nudges: Vec::new(),
            push: true,
            feed: Health::Up,
            look_ups: Health::Up,
            hints: Health::Up,
            trip: TRIP,
        };
        Arc::new(Self {
            script: Mutex::new(script),
            loads: AtomicUsize::new(0),
        })
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    pub(crate) fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    pub(crate) fn push(&self, push: bool) {
        self.script().push = push;
    }

    pub(crate) fn feed(&self, health: Health) {
        self.script().feed = health;
    }

    pub(crate) fn look_ups(&self, health: Health) {
        self.script().look_ups = health;
    }

    pub(crate) fn hints(&self, health: Health) {
        self.script().hints = health;
    }

    pub(crate) fn trip(&self, trip: Duration) {
        self.script().trip = trip;
    }

    /// All that was told so far is told no more: who stood before it has lost its place.
    pub(crate) fn forget_changes(&self) {
        let mut script = self.script();
        script.first_cursor = script.changes.len() + 1;
        script.changes.push(TenantId::new());
    }

    /// Changes a tenant, commits, and says so.
    pub(crate) fn change(&self, id: TenantId, change: impl FnOnce(&mut TenantRecord)) {
        change(self.script().tenants.get_mut(&id).unwrap());
        self.tell(id);
    }

    pub(crate) fn put(&self, record: TenantRecord) {
        let id = record.id;
        self.script().tenants.insert(id, record);
        self.tell(id);
    }

    pub(crate) fn join(&self, key: &MembershipKey, role: Role) {
        let membership = Membership {
            user: UserId::new(),
            role: role.into(),
        };
        self.script().members.insert(key.clone(), membership);
        self.tell(key.tenant);
    }

    pub(crate) fn leave(&self, key: &MembershipKey) {
        self.script().members.remove(key);
        self.tell(key.tenant);
    }

    fn tell(&self, id: TenantId) {
        let mut script = self.script();
        script.changes.push(id);
        if script.push {
            script.nudges.iter().for_each(Nudge::now);
        }
    }

    /// Answers as of the middle of the trip, as a database does.
    async fn answer<R>(&self, part: fn(&Script) -> Health, read: impl FnOnce(&Script) -> R) -> Result<R> {
        let trip = self.script().trip;
        pass(trip / 2).await;
        let (health, answer) = {
            let script = self.script();
            (part(&script), read(&script))
        };
        match health {
            Health::Up => {}
            Health::Down => return Err(Error::unavailable("down")),
            Health::Hangs => std::future::pending().await,
            Health::Wrong => return Err(Error::internal("SQLSTATE 42501")),
        }
        pass(trip / 2).await;
        Ok(answer)
    }
}

#[async_trait]
impl Directory for Source {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let read = |script: &Script| script.tenants.values().find(|record| key.names(record)).cloned();
        let part: fn(&Script) -> Health = match key {
            TenantKey::Slug(_) | TenantKey::Host(_) if self.script().hints != Health::Up => {
                |script| script.hints
            }
            _ => |script| script.look_ups,
        };
        Ok(self.answer(part, read).await?.map(Arc::new))
    }
}

#[async_trait]
impl Memberships for Source {
    async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let read = |script: &Script| script.members.get(key).cloned();
        self.answer(|script| script.look_ups, read).await
    }
}

#[async_trait]
impl ChangeFeed for Source {
    async fn changes(&self, since: Option<&Cursor>) -> Result<Changes> {
        let since: Option<usize> = since.map(|cursor| cursor.as_str().parse().unwrap());
        let read = |script: &Script| Changes {
            cursor: Cursor::new(script.changes.len().to_string()),
            changed: match since {
                Some(since) if since >= script.first_cursor => {
                    Changed::Tenants(script.changes[since..].to_vec())
                }
                _ => Changed::Everything,
            },
        };
        self.answer(|script| script.feed, read).await
    }
}

/// One process: its caches, and what follows the changes.
pub(crate) struct Process {
    pub(crate) directory: Arc<CachedDirectory>,
    pub(crate) memberships: Arc<CachedMemberships>,
    pub(crate) nudge: Nudge,
    _follower: ChangeFollower,
}

impl Process {
    pub(crate) fn start(source: &Arc<Source>) -> Self {
        Self::with_options(source, CacheOptions::default())
    }

    pub(crate) fn with_options(source: &Arc<Source>, options: CacheOptions) -> Self {
        let directory = CachedDirectory::with_options(Arc::clone(source) as Arc<dyn Directory>, options);
        let memberships = CachedMemberships::new(Arc::clone(source) as Arc<dyn Memberships>, &directory);
        let nudge = Nudge::default();
        source.script().nudges.push(nudge.clone());
        let feed = Arc::clone(source) as Arc<dyn ChangeFeed>;
        Self {
            _follower: ChangeFollower::spawn(feed, nudge.clone(), directory.freshness()),
            directory: Arc::new(directory),
            memberships: Arc::new(memberships),
            nudge,
        }
    }

    pub(crate) async fn tenant(&self, id: TenantId) -> Result<Option<Arc<TenantRecord>>> {
        self.directory.lookup(&TenantKey::Id(id)).await
    }

    /// The tenant's status, or how it could not be had.
    pub(crate) async fn status(&self, id: TenantId) -> Result<TenantStatus, Kind> {
        match self.tenant(id).await {
            Ok(Some(record)) => Ok(record.status),
            Ok(None) => Err(Kind::NotFound),
            Err(error) => Err(error.kind()),
        }
    }

    pub(crate) async fn role(&self, key: &MembershipKey) -> Result<String, Kind> {
        match self.memberships.membership(key).await {
            Ok(Some(membership)) => Ok(membership.role.to_string()),
            Ok(None) => Err(Kind::NotFound),
            Err(error) => Err(error.kind()),
        }
    }
}

pub(crate) fn record(slug: &str, tier: Tier) -> TenantRecord {
    TenantRecord {
        id: TenantId::new(),
        slug: slug.parse().unwrap(),
        name: slug.to_owned(),
        tier,
        status: TenantStatus::Active,
        identity_tenant: format!("{slug}-x1y2z").parse().unwrap(),
        custom_host: None,
        plan: None,
        placement: Placement {
            epoch: Epoch(0),
            sql: BTreeMap::new(),
            objects: BTreeMap::new(),
            documents: Default::default(),
            graph: Default::default(),
        },
    }
}

pub(crate) fn member(record: &TenantRecord, subject: &str) -> MembershipKey {
    MembershipKey {
        tenant: record.id,
        pool: record.identity_tenant.clone(),
        subject: subject.parse().unwrap(),
    }
}
