//! Behind PgBouncer. What writes is drawn by Zipf, too.
//!
//! The machine's is older than the floor and knows no prepared statements: in transaction mode nobody's statements have a
//! name, and all stay inside of a transaction.

use tenancy_sql::Hygiene;
use tenancy_testkit::{
    Database, PgBouncer, Pooling, Postgres,
    bench::{Case, Row},
};

use crate::{
    access::{CONNECTIONS, TASKS, TENANTS, of},
    cell,
    draw::{Draw, contexts},
    options::Options,
    ours::{self, Pools},
    rivals,
};

/// The pooler has 20 sessions for all pools here, and one of ours takes one more to cancel.
const SESSIONS: u32 = 5;
const DRAWN: usize = 1_000;

pub(crate) async fn run(server: &Postgres, options: &Options) -> Vec<Row> {
    let plain = cell::notes(server).await;
    let sealed = cell::sealed_notes(server).await;
    let pools = Pools::new();
    let mut rows = {
        let pooler = PgBouncer::start(server, &plain, Pooling::Transaction)
            .await
            .unwrap();
        let cases = of_transactions(&plain, &pooler, &pools).await;
        options.plan(&TASKS, 7, 150).run(&cases).await
    };
    let pooler = PgBouncer::start(server, &plain, Pooling::Session).await.unwrap();
    let sealed_pooler = PgBouncer::start(server, &sealed, Pooling::Session).await.unwrap();
    let mut cases = of_sessions(&plain, &pooler, &pools).await;
    cases.extend(of_sealed_sessions(&sealed, &sealed_pooler, &pools).await);
    rows.extend(options.plan(&TASKS, 7, 150).run(&cases).await);
    rows
}

async fn of_transactions(database: &Database, pooler: &PgBouncer, pools: &Pools) -> Vec<Case> {
    let url = &pooler.url(&database.runtime_url);
    let draw = &Draw::zipf(&contexts(TENANTS).await, DRAWN);
    let plain = rivals::raw_pool(url, CONNECTIONS, false).await;
    let pipelining = rivals::pipelining_pool(url, CONNECTIONS);
    let reading = pools.of_transactions(url, CONNECTIONS);
    let (naive, writing) = (plain.clone(), reading.clone());
    let base = "raw_tx_txpool";
    vec![
        of(base, base, draw, move |ctx| {
            rivals::raw_in_transaction(plain.clone(), ctx)
        }),
        of("pipelined_txpool", base, draw, move |ctx| {
            rivals::pipelined_unnamed(pipelining.clone(), ctx)
        }),
        of("naive_tx_txpool", base, draw, move |ctx| {
            rivals::naive(naive.clone(), ctx, false)
        }),
        of("ours_read_txpool", base, draw, move |ctx| {
            ours::read(reading.clone(), ctx)
        }),
        of("ours_tx_txpool", "naive_tx_txpool", draw, move |ctx| {
            ours::write(writing.clone(), ctx)
        }),
    ]
}

async fn of_sessions(database: &Database, pooler: &PgBouncer, pools: &Pools) -> Vec<Case> {
    let url = &pooler.url(&database.runtime_url);
    let contexts = contexts(TENANTS).await;
    let (zipf, one, cycle) = (
        Draw::zipf(&contexts, DRAWN),
        Draw::one(&contexts),
        Draw::cycle(&contexts),
    );
    let plain = rivals::raw_pool(url, SESSIONS, false).await;
    let tenaxum = rivals::tenaxum_pool(url, SESSIONS).await;
    let reading = pools.plain(url, SESSIONS);
    let naive = plain.clone();
    let [hit, miss, drawn, tx] = [(); 4].map(|()| reading.clone());
    let base = "raw_noping_sessionpool";
    vec![
        of(base, base, &zipf, move |ctx| rivals::raw(plain.clone(), ctx)),
        of("tenaxum_sessionpool", base, &zipf, move |ctx| {
            rivals::tenaxum(tenaxum.clone(), ctx)
        }),
        of("naive_tx_sessionpool", base, &zipf, move |ctx| {
            rivals::naive(naive.clone(), ctx, true)
        }),
        of("ours_hit_sessionpool", base, &one, move |ctx| {
            ours::read(hit.clone(), ctx)
        }),
        of("ours_miss_sessionpool", base, &cycle, move |ctx| {
            ours::read(miss.clone(), ctx)
        }),
        of("ours_zipf_sessionpool", base, &zipf, move |ctx| {
            ours::read(drawn.clone(), ctx)
        }),
        of("ours_tx_sessionpool", "naive_tx_sessionpool", &zipf, move |ctx| {
            ours::write(tx.clone(), ctx)
        }),
    ]
}

async fn of_sealed_sessions(database: &Database, pooler: &PgBouncer, pools: &Pools) -> Vec<Case> {
    let url = &pooler.url(&database.runtime_url);
    let contexts = contexts(TENANTS).await;
    let proven = pools.sealed(url, SESSIONS, Hygiene::Reset);
    let misses = proven.clone();
    let base = "raw_noping_sessionpool";
    vec![
        of(
            "ours_hit_sealed_sessionpool",
            base,
            &Draw::one(&contexts),
            move |ctx| ours::read(proven.clone(), ctx),
        ),
        of(
            "ours_miss_sealed_sessionpool",
            base,
            &Draw::cycle(&contexts),
            move |ctx| ours::read(misses.clone(), ctx),
        ),
    ]
}
