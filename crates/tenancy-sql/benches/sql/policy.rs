//! The fence itself: row-level security beside an explicit `tenant_id = $2`, over one connection, whose plans are the same.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sqlx::{AssertSqlSafe, Executor, postgres::PgConnection};
use tenancy_testkit::{
    Database, Postgres,
    bench::{Case, Row},
};
use tokio::sync::Mutex;

use crate::{
    access::named,
    cell::connect,
    draw::id,
    options::Options,
    plans,
    shapes::{self, ROWS, SHAPES, Shape, TENANTS},
};

/// Whose rows are asked for: any one's, and few enough to stay in memory.
const TENANT: usize = TENANTS / 2 + 7;

pub(crate) async fn run(server: &Postgres, options: &Options) -> Vec<Row> {
    let database = shapes::database(server).await;
    let mut connection = scoped(&database).await;
    for shape in &SHAPES {
        let plan = plans::same(&mut connection, shape, TENANT).await;
        eprintln!("  {:<10} {plan}", shape.name);
    }
    let connection = Arc::new(Mutex::new(connection));
    let cases: Vec<Case> = SHAPES.iter().flat_map(|shape| both(&connection, shape)).collect();
    options.plan(&[1], 9, 300).run(&cases).await
}

/// A connection of the runtime role's that is scoped as the pool scopes one.
async fn scoped(database: &Database) -> PgConnection {
    let mut connection = connect(&database.runtime_url).await;
    let scope = format!(
        "SET app.current_tenant = '{}'; SET search_path = public, pg_temp",
        id(TENANT)
    );
    (&mut connection).execute(AssertSqlSafe(scope)).await.unwrap();
    connection
}

fn both(connection: &Arc<Mutex<PgConnection>>, shape: &Shape) -> [Case; 2] {
    let explicit = named("where_", shape.name);
    let fenced = named("rls_", shape.name);
    let (first, second) = (Arc::clone(connection), Arc::clone(connection));
    let (explicit_text, fenced_text) = (shape.explicit, shape.fenced);
    [
        case(explicit, explicit, move |at| {
            let connection = Arc::clone(&first);
            async move {
                let query = sqlx::query(explicit_text).bind(at).bind(id_of_tenant());
                query.fetch_all(&mut *connection.lock().await).await.unwrap();
            }
        }),
        case(fenced, explicit, move |at| {
            let connection = Arc::clone(&second);
            async move {
                let query = sqlx::query(fenced_text).bind(at);
                query.fetch_all(&mut *connection.lock().await).await.unwrap();
            }
        }),
    ]
}

fn case<F, W>(name: &'static str, base: &'static str, work: F) -> Case
where
    F: Fn(i64) -> W + Send + Sync + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let step = AtomicU64::new(0);
    Case::new(name, base, move |_| {
        work((step.fetch_add(619, Ordering::Relaxed) % ROWS) as i64)
    })
}

/// Parsed once: the query should pay for no more than binding it.
fn id_of_tenant() -> tenancy_core::TenantId {
    static ID: std::sync::OnceLock<tenancy_core::TenantId> = std::sync::OnceLock::new();
    *ID.get_or_init(|| id(TENANT))
}
