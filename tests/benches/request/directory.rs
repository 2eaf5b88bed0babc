//! What a hit in the directory's cache costs, by how many tenants it holds. Tenants are drawn uniformly, so the largest
//! pays for main memory.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::future::join_all;
use tenancy_core::{
    CacheOptions, Directory, Epoch, KeyLayout, Placement, Result, TenantId, TenantKey, TenantRecord,
    TenantStatus, Tier,
    directory::{CachedDirectory, ChangeFeed, ChangeFollower, Changed, Changes, Cursor, Nudge},
    names,
};
use tenancy_testkit::bench::Micro;
use tokio::runtime::Runtime;

/// The three sizes, each held by a cache of its own and compared with the smallest.
pub(crate) fn cases() -> Vec<Micro> {
    [
        ("directory_hit_10", 10),
        ("directory_hit_10k", 10_000),
        ("directory_hit_1m", 1_000_000),
    ]
    .map(|(name, tenants)| case(name, tenants))
    .into()
}

fn case(name: &'static str, tenants: usize) -> Micro {
    let before = resident();
    let full = Full::new(tenants);
    let bytes = resident().saturating_sub(before) / tenants as u64;
    let keys = full.shuffled(tenants);
    let mut at = 0;
    let batch = move |times| {
        for _ in 0..times {
            at = if at + 1 == keys.len() { 0 } else { at + 1 };
            let hit = full.hit(&keys[at]);
            assert!(hit, "it is no hit");
        }
    };
    Micro::new(name, "directory_hit_10", batch).with_fact("bytes_per_tenant", bytes)
}

/// A cache that holds so many tenants, confirmed by a feed that has nothing to tell.
struct Full {
    directory: CachedDirectory,
    _follower: ChangeFollower,
    _runtime: Runtime,
}

impl Full {
    fn hit(&self, key: &TenantKey) -> bool {
        std::hint::black_box(self.directory.at_hand(key)).is_some()
    }

    fn new(tenants: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap();
        let _inside = runtime.enter();
        let options = CacheOptions {
            tenants,
            ..CacheOptions::default()
        };
        let directory = CachedDirectory::with_options(Arc::new(Made), options);
        let follower = ChangeFollower::spawn(Arc::new(Quiet), Nudge::default(), directory.freshness());
        runtime.block_on(async {
            // what is learnt before the feed answers is asked for again
            tokio::time::sleep(Duration::from_millis(100)).await;
            for first in (0..tenants).step_by(256) {
                let keys: Vec<TenantKey> = (first..tenants.min(first + 256)).map(key).collect();
                join_all(keys.iter().map(|key| directory.lookup(key))).await;
            }
        });
        Self {
            directory,
            _follower: follower,
            _runtime: runtime,
        }
    }

    /// All keys in an order that looks random, one behind the other in memory: reading them is no part of the question.
    fn shuffled(&self, tenants: usize) -> Vec<TenantKey> {
        assert_eq!(self.directory.len(), tenants);
        let mut order: Vec<usize> = (0..tenants).collect();
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for last in (1..tenants).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            order.swap(last, (state % (last as u64 + 1)) as usize);
        }
        order.into_iter().map(key).collect()
    }
}

fn key(number: usize) -> TenantKey {
    TenantKey::Identity(format!("t{number:07}-x1y2z").parse().unwrap())
}

/// A directory in which every tenant exists, with one database and one bucket.
struct Made;

#[async_trait]
impl Directory for Made {
    async fn lookup(&self, key: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        let TenantKey::Identity(pool) = key else {
            return Ok(None);
        };
        let (id, core) = (TenantId::new(), "core".parse().unwrap());
        let cell = names::cell_location("free-1", &core).unwrap();
        let uploads = names::objects(id, KeyLayout::TenantPrefix).unwrap();
        Ok(Some(Arc::new(TenantRecord {
            id,
            slug: pool.as_str().split('-').next().unwrap().parse().unwrap(),
            name: format!("The company named {pool}"),
            tier: Tier::Free,
            status: TenantStatus::Active,
            identity_tenant: pool.clone(),
            custom_host: None,
            plan: None,
            placement: Placement {
                epoch: Epoch(0),
                sql: BTreeMap::from([(core, cell)]),
                objects: BTreeMap::from([("uploads".parse().unwrap(), uploads)]),
                documents: Default::default(),
                graph: Default::default(),
            },
        })))
    }
}

/// A feed that has nothing to tell.
pub(crate) struct Quiet;

#[async_trait]
impl ChangeFeed for Quiet {
    async fn changes(&self, _: Option<&Cursor>) -> Result<Changes> {
        Ok(Changes {
            cursor: Cursor::new("0"),
            changed: Changed::Tenants(Vec::new()),
        })
    }
}

/// The memory that the process has, in bytes; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    number.unwrap_or_default() * 1_024
}
