//! A handle to a database is no connection: a query needs a context first.

use tenancy_sql::SqlHandle;

async fn count(core: &SqlHandle) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM itineraries")
        .fetch_one(core)
        .await
}

fn main() {}
