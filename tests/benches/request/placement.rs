//! What it costs to find a tenant's database among 10,000 dedicated ones, and what the process remembers of each.

use std::{collections::BTreeMap, hint::black_box, rc::Rc};

use allocation_counter::measure;
use tempfile::TempDir;
use tenancy_core::{DatabaseName, Location, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{Databases, PoolOptions, SqlHandle};
use tenancy_testkit::{bench::Micro, context, tenant};

/// Tenants are drawn one after another in an order that no cache foresees, so that 10,000 pay for main memory. A request that
/// asks for its database has its context at hand: what it takes to fetch a tenant's location from there is a case of its own,
/// and the resolution is what comes on top.
pub(crate) fn cases() -> Vec<Micro> {
    let (one, many) = (Rc::new(Fleet::new(1)), Rc::new(Fleet::new(10_000)));
    vec![
        location("sql_location_1", Rc::clone(&one)),
        resolve("sql_resolve_1", "sql_location_1", one),
        location("sql_location_10k", Rc::clone(&many)),
        resolve("sql_resolve_10k", "sql_location_10k", many),
    ]
}

/// 7,919 is a prime: each comes up before one comes again.
const STEP: usize = 7_919;

/// The context's location, and a look at its text.
fn location(name: &'static str, fleet: Rc<Fleet>) -> Micro {
    let core: DatabaseName = "core".parse().unwrap();
    let mut at = 0;
    let batch = move |times| {
        for _ in 0..times {
            at = (at + STEP) % fleet.contexts.len();
            let location = black_box(&fleet.contexts[at]).placement().sql.get(&core);
            black_box(location.unwrap().as_str().bytes().last());
        }
    };
    Micro::new(name, name, batch)
}

fn resolve(name: &'static str, baseline: &'static str, fleet: Rc<Fleet>) -> Micro {
    let placements = fleet.contexts.len();
    let per = |bytes: i64| u64::try_from(bytes).unwrap_or(0) / placements as u64;
    let mut core = None;
    let idle = measure(|| core = Some(fleet.databases()));
    let core = core.expect("it was made");
    let live = measure(|| {
        fleet
            .contexts
            .iter()
            .for_each(|context| core.resolve(context).unwrap())
    });
    let mut at = 0;
    let batch = move |times| {
        for _ in 0..times {
            at = (at + STEP) % fleet.contexts.len();
            core.resolve(black_box(&fleet.contexts[at])).unwrap();
        }
    };
    Micro::new(name, baseline, batch)
        .added()
        .with_fact("bytes_per_idle_placement", per(idle.bytes_current))
        .with_fact("bytes_more_when_its_pool_lives", per(live.bytes_current))
}

struct Fleet {
    contexts: Vec<TenantContext>,
    folder: TempDir,
}

impl Fleet {
    fn new(placements: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("url"),
            "postgres://app:secret@127.0.0.1:5432/core",
        )
        .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let one = async |n: usize| {
            let mut record = tenant(&format!("tenant-{n}"), Tier::Standard);
            record.placement.sql.insert("core".parse().unwrap(), at(n));
            context(&record, Role::Owner).await
        };
        let contexts = runtime.block_on(async {
            let mut contexts = Vec::with_capacity(placements);
            for n in 0..placements {
                contexts.push(one(n).await);
            }
            contexts
        });
        Self { contexts, folder }
    }

    fn databases(&self) -> SqlHandle {
        let url = self.folder.path().join("url");
        let places: BTreeMap<_, _> = (0..self.contexts.len())
            .map(|n| (at(n), SecretRef::File(url.clone())))
            .collect();
        Databases::new(places, PoolOptions::default()).handle("core".parse().unwrap())
    }
}

fn at(n: usize) -> Location {
    format!("tenant-{n}-postgres-1").parse().unwrap()
}
