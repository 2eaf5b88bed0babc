//! Plain connections.

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tenancy_core::registry::connect_options;

pub(crate) async fn connect(url: &SecretString) -> PgConnection {
    let connection = PgConnection::connect_with(&connect_options(url).unwrap()).await;
    connection.unwrap_or_else(|error| panic!("{error}"))
}

/// Runs statements as the superuser of a database.
pub(crate) async fn as_superuser(database: &tenancy_testkit::Database, text: &str) {
    let mut superuser = connect(&database.superuser_url).await;
    let done = superuser.execute(AssertSqlSafe(text.to_owned())).await;
    done.unwrap_or_else(|error| panic!("{text}: {error}"));
    superuser.close().await.unwrap();
}
