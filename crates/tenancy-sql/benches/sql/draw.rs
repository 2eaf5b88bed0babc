//! Whose turn it is: the tenants, and how each operation draws one.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tenancy_core::{Allowance, CustomPlan, PlanChanges, Role, TenantContext, TenantId, Tier};
use tenancy_testkit::{context, tenant};

/// As many tasks as a case may have.
const TASKS: usize = 256;

/// A UUID of version 7 made of a number, as `bench_tenant(n)` makes it in SQL.
pub(crate) fn id(number: usize) -> TenantId {
    format!("01900000-0000-7000-8000-{number:012x}").parse().unwrap()
}

/// The contexts of so many tenants, whose plans bound no connections: what is measured is the pool.
pub(crate) async fn contexts(count: usize) -> Arc<[TenantContext]> {
    let mut contexts = Vec::new();
    for number in 0..count {
        let mut record = tenant(&format!("tenant-{number}"), Tier::Free);
        record.id = id(number);
        record.plan = Some(CustomPlan::from(PlanChanges {
            database_connections: Some(Allowance::Unlimited),
            ..PlanChanges::default()
        }));
        contexts.push(context(&record, Role::Owner).await);
    }
    contexts.into()
}

enum Order {
    /// Each task has its tenant.
    OneATask,
    /// The first one.
    One,
    /// One after another: a connection is never scoped to who comes next.
    Cycle,
    /// The n-th with a chance of 1/n; the sums of the chances.
    Zipf(Vec<f64>),
}

/// Draws a tenant for each operation, the same ones in each run.
pub(crate) struct Draw {
    contexts: Arc<[TenantContext]>,
    order: Order,
    steps: Vec<AtomicU64>,
}

impl Draw {
    pub(crate) fn one_a_task(contexts: &Arc<[TenantContext]>) -> Arc<Self> {
        Self::new(contexts, Order::OneATask)
    }

    pub(crate) fn one(contexts: &Arc<[TenantContext]>) -> Arc<Self> {
        Self::new(contexts, Order::One)
    }

    pub(crate) fn cycle(contexts: &Arc<[TenantContext]>) -> Arc<Self> {
        Self::new(contexts, Order::Cycle)
    }

    pub(crate) fn zipf(contexts: &Arc<[TenantContext]>, of: usize) -> Arc<Self> {
        let chances = (1..=of).scan(0.0, |sum, n| {
            *sum += 1.0 / n as f64;
            Some(*sum)
        });
        Self::new(contexts, Order::Zipf(chances.collect()))
    }

    fn new(contexts: &Arc<[TenantContext]>, order: Order) -> Arc<Self> {
        Arc::new(Self {
            contexts: Arc::clone(contexts),
            order,
            steps: (0..TASKS).map(|_| AtomicU64::new(0)).collect(),
        })
    }

    /// The tenant of the task's next operation.
    pub(crate) fn next(&self, task: usize) -> TenantContext {
        let at = match &self.order {
            Order::OneATask => task,
            Order::One => 0,
            Order::Cycle => self.steps[0].fetch_add(1, Ordering::Relaxed) as usize,
            Order::Zipf(sums) => {
                let step = self.steps[task].fetch_add(1, Ordering::Relaxed);
                let drawn = uniform(step ^ ((task as u64) << 40)) * sums.last().unwrap();
                sums.partition_point(|sum| *sum < drawn).min(sums.len() - 1)
            }
        };
        self.contexts[at % self.contexts.len()].clone()
    }
}

/// A number below 1, of a seed (SplitMix64).
pub(crate) fn uniform(seed: u64) -> f64 {
    let mut x = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
