//! A handle to a database is no connection: a query needs a context first.

use tests::tenancy_sql::SqlHandle;

async fn count(core: &SqlHandle) -> tests::sqlx::Result<i64> {
    tests::sqlx::query_scalar("SELECT count(*) FROM itineraries")
        .fetch_one(core)
        .await
}

fn main() {}
