//! What the seal adds, by shape of query and by what the connection was before.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tenancy_core::{DataWrite, Permit, TenantContext};
use tenancy_sql::{Hygiene, SqlHandle};
use tenancy_testkit::{
    Postgres,
    bench::{Case, Row},
};

use crate::{
    access::{CONNECTIONS, named, of},
    cell,
    draw::{Draw, contexts},
    options::Options,
    ours::Pools,
    shapes::{self, ROWS, SHAPES, Shape},
};

/// How many tenants the misses go through: their rows stay in memory.
const TENANTS: usize = 100;

pub(crate) async fn run(server: &Postgres, options: &Options) -> Vec<Row> {
    let (plain, sealed) = (shapes::database(server).await, shapes::database(server).await);
    cell::enforce_the_seal(&sealed).await;
    let pools = Pools::new();
    let plain = pools.plain(&plain.runtime_url, CONNECTIONS);
    let sealed = pools.sealed(&sealed.runtime_url, CONNECTIONS, Hygiene::Reset);
    let contexts = contexts(TENANTS).await;
    let draws = [("hit", Draw::one(&contexts)), ("miss", Draw::cycle(&contexts))];
    let mut cases = Vec::new();
    for shape in &SHAPES {
        // a read does not write
        for (kind, draw) in draws.iter().filter(|_| shape.name != "upsert") {
            let base = named(kind, &format!("_{}", shape.name));
            cases.push(read(base, base, draw, &plain, shape));
            cases.push(read(named(base, "_sealed"), base, draw, &sealed, shape));
        }
        let (base, draw) = (named("tx_", shape.name), Draw::zipf(&contexts, TENANTS));
        cases.push(write(base, base, &draw, &plain, shape));
        cases.push(write(named(base, "_sealed"), base, &draw, &sealed, shape));
    }
    options.plan(&[1], 7, 200).run(&cases).await
}

/// An id of a tenant's rows, another one each time.
struct Ids(AtomicU64);

impl Ids {
    fn next(&self) -> i64 {
        // 619 and the number of rows have no divisor in common
        (self.0.fetch_add(619, Ordering::Relaxed) % ROWS) as i64
    }
}

fn read(name: &'static str, base: &'static str, draw: &Arc<Draw>, core: &SqlHandle, shape: &Shape) -> Case {
    let (core, text, ids) = (core.clone(), shape.fenced, Arc::new(Ids(AtomicU64::new(0))));
    of(name, base, draw, move |ctx: TenantContext| {
        let (core, id) = (core.clone(), ids.next());
        async move {
            let mut conn = core.read(&ctx).await.unwrap();
            sqlx::query(text).bind(id).fetch_all(&mut conn).await.unwrap();
        }
    })
}

fn write(name: &'static str, base: &'static str, draw: &Arc<Draw>, core: &SqlHandle, shape: &Shape) -> Case {
    let (core, text, ids) = (core.clone(), shape.fenced, Arc::new(Ids(AtomicU64::new(0))));
    of(name, base, draw, move |ctx: TenantContext| {
        let (core, id) = (core.clone(), ids.next());
        async move {
            let permit: Permit<DataWrite> = Permit::check(&ctx).unwrap();
            let mut tx = core.begin(&permit).await.unwrap();
            sqlx::query(text).bind(id).fetch_all(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    })
}
