//! What it costs to find a tenant's database among 10,000 dedicated ones, and what the process remembers of each.

use std::{collections::BTreeMap, hint::black_box};

use allocation_counter::measure;
use tempfile::TempDir;
use tenancy_core::{Location, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{Databases, PoolOptions, SqlHandle};
use tenancy_testkit::{bench::Micro, context, tenant};

const ONE: &str = "sql_resolve_1";

/// Tenants are drawn one after another in an order that no cache foresees, so the larger pays for main memory.
pub(crate) fn cases() -> Vec<Micro> {
    vec![case(ONE, 1), case("sql_resolve_10k", 10_000)]
}

fn case(name: &'static str, placements: usize) -> Micro {
    let fleet = Fleet::new(placements);
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
            // 7,919 is a prime: each comes up before one comes again
            at = (at + 7_919) % fleet.contexts.len();
            core.resolve(black_box(&fleet.contexts[at])).unwrap();
        }
    };
    Micro::new(name, ONE, batch)
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
