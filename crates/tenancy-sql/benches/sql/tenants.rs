//! The same query, drawn among few tenants and many.

use tenancy_testkit::{Postgres, bench::Row};

use crate::{
    access::{CONNECTIONS, TASKS, TENANTS, named, of, others},
    cell,
    draw::{Draw, contexts},
    options::Options,
    ours::{self, Pools},
};

/// [`access`](crate::access) has 1,000.
const DRAWN: [usize; 3] = [1, 100, 10_000];

pub(crate) async fn run(server: &Postgres, options: &Options) -> Vec<Row> {
    let database = cell::notes(server).await;
    let (pools, contexts) = (Pools::new(), contexts(TENANTS).await);
    let mut rows = Vec::new();
    for drawn in DRAWN {
        let end = format!("_{drawn}");
        let draw = Draw::zipf(&contexts, drawn);
        let url = &database.runtime_url;
        let (reading, writing) = (pools.plain(url, CONNECTIONS), pools.plain(url, CONNECTIONS));
        let mut cases = others(url, CONNECTIONS, &draw, &end).await;
        cases.extend([
            of(
                named("ours_zipf", &end),
                named("raw_noping", &end),
                &draw,
                move |ctx| ours::read(reading.clone(), ctx),
            ),
            of(
                named("ours_tx_zipf", &end),
                named("naive_tx", &end),
                &draw,
                move |ctx| ours::write(writing.clone(), ctx),
            ),
        ]);
        rows.extend(options.plan(&TASKS, 7, 150).run(&cases).await);
    }
    rows
}
