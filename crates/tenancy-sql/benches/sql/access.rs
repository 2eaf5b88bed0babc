//! One query of 10 rows, every way.

use std::sync::Arc;

use secrecy::SecretString;
use tenancy_core::TenantContext;
use tenancy_sql::Hygiene;
use tenancy_testkit::{
    CountingProxy, Postgres,
    bench::{Case, Row},
};

use crate::{
    cell,
    draw::{Draw, contexts},
    options::Options,
    ours::{self, Pools},
    rivals,
};

pub(crate) const CONNECTIONS: u32 = 8;
pub(crate) const TASKS: [usize; 3] = [1, 8, 32];
pub(crate) const TENANTS: usize = 10_000;
/// Of how many tenants one is drawn, where not stated otherwise.
const DRAWN: usize = 1_000;
const BASE: &str = "raw_noping";

pub(crate) async fn run(server: &Postgres, options: &Options) -> Vec<Row> {
    let (plain, sealed) = (cell::notes(server).await, cell::sealed_notes(server).await);
    let (pools, contexts) = (Pools::new(), contexts(TENANTS).await);
    let proxy = CountingProxy::start(server.port()).await.unwrap();
    let counted = {
        let urls = [&plain, &sealed].map(|database| proxy.url(&database.runtime_url));
        counted(&cases(&pools, &urls, 1, &contexts).await, &proxy).await
    };
    let urls = [plain.runtime_url, sealed.runtime_url];
    let cases = cases(&pools, &urls, CONNECTIONS, &contexts).await;
    let cases: Vec<Case> = cases
        .into_iter()
        .zip(counted)
        .map(|(case, trips)| case.with_round_trips(trips))
        .collect();
    options.plan(&TASKS, 9, 250).run(&cases).await
}

/// A case whose operation is one tenant's.
pub(crate) fn of<F, W>(name: &'static str, baseline: &'static str, draw: &Arc<Draw>, work: F) -> Case
where
    F: Fn(TenantContext) -> W + Send + Sync + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let draw = Arc::clone(draw);
    Case::new(name, baseline, move |task| work(draw.next(task)))
}

async fn cases(
    pools: &Pools,
    [plain, sealed]: &[SecretString; 2],
    connections: u32,
    contexts: &Arc<[TenantContext]>,
) -> Vec<Case> {
    let zipf = Draw::zipf(contexts, DRAWN);
    let (own, one, cycle) = (
        Draw::one_a_task(contexts),
        Draw::one(contexts),
        Draw::cycle(contexts),
    );
    let read = |name, draw: &Arc<Draw>, core: &tenancy_sql::SqlHandle| {
        let core = core.clone();
        of(name, BASE, draw, move |ctx| ours::read(core.clone(), ctx))
    };
    let write = |name, draw: &Arc<Draw>, core: &tenancy_sql::SqlHandle| {
        let core = core.clone();
        of(name, "naive_tx", draw, move |ctx| ours::write(core.clone(), ctx))
    };
    let reads = pools.plain(plain, connections);
    let writes = pools.plain(plain, connections);
    let strict = pools.strict(plain, connections);
    let proven = pools.sealed(sealed, connections, Hygiene::Reset);
    let proven_writes = pools.sealed(sealed, connections, Hygiene::Reset);
    let proven_strict = pools.sealed(sealed, connections, Hygiene::Strict);
    let mut cases = others(plain, connections, &zipf, "").await;
    cases.extend([
        read("ours_read", &own, &reads),
        read("ours_hit", &one, &reads),
        read("ours_miss", &cycle, &reads),
        read("ours_miss_strict", &cycle, &strict),
        read("ours_zipf", &zipf, &reads),
        write("ours_tx", &own, &writes),
        write("ours_tx_zipf", &zipf, &writes),
        read("ours_hit_sealed", &one, &proven),
        read("ours_miss_sealed", &cycle, &proven),
        read("ours_miss_sealed_strict", &cycle, &proven_strict),
        write("ours_tx_sealed", &own, &proven_writes),
    ]);
    cases
}

/// The ways of others. Their names, and that of what they are compared with, end in `end`.
pub(crate) async fn others(url: &SecretString, connections: u32, draw: &Arc<Draw>, end: &str) -> Vec<Case> {
    let plain = rivals::raw_pool(url, connections, false).await;
    let pinging = rivals::raw_pool(url, connections, true).await;
    let pipelining = rivals::pipelining_pool(url, connections);
    let tenaxum = rivals::tenaxum_pool(url, connections).await;
    let (naive, base) = (plain.clone(), named(BASE, end));
    vec![
        of(base, base, draw, move |ctx| rivals::raw(plain.clone(), ctx)),
        of(named("raw_default", end), base, draw, move |ctx| {
            rivals::raw(pinging.clone(), ctx)
        }),
        of(named("pipelined_tokio_postgres", end), base, draw, move |ctx| {
            rivals::pipelined(pipelining.clone(), ctx)
        }),
        of(named("tenaxum", end), base, draw, move |ctx| {
            rivals::tenaxum(tenaxum.clone(), ctx)
        }),
        of(named("naive_tx", end), base, draw, move |ctx| {
            rivals::naive(naive.clone(), ctx, true)
        }),
    ]
}

/// A case's name, which lives as long as the benchmark.
pub(crate) fn named(case: &str, end: &str) -> &'static str {
    Box::leak(format!("{case}{end}").into_boxed_str())
}

/// Round trips of one warm operation of each case, at the wire: what was sent without waiting for the last answer is one.
async fn counted(cases: &[Case], proxy: &CountingProxy) -> Vec<u64> {
    let mut counts = Vec::new();
    for case in cases {
        case.once().await;
        case.once().await;
        let mut count = u64::MAX;
        // what is sent in one go may leave in two pieces now and then
        for _ in 0..3 {
            pause().await;
            proxy.reset();
            case.once().await;
            pause().await;
            count = count.min(proxy.round_trips().min(proxy.flushes()));
        }
        counts.push(count);
    }
    counts
}

/// The raw pool pings in the background when a connection comes back.
async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
}
