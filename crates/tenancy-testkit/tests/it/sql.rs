//! One statement over a connection of its own.

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tenancy_core::registry::connect_options;

pub(crate) async fn connect(url: &SecretString) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(&connect_options(url).unwrap()).await
}

pub(crate) async fn execute(url: &SecretString, text: &str) -> sqlx::Result<()> {
    let mut connection = connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(text.to_owned()))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

pub(crate) async fn count(url: &SecretString, text: &str) -> i64 {
    let mut connection = connect(url).await.unwrap();
    let count = sqlx::query_scalar(AssertSqlSafe(text.to_owned()))
        .fetch_one(&mut connection)
        .await;
    connection.close().await.unwrap();
    count.unwrap()
}

/// The SQLSTATE of a refusal.
pub(crate) async fn refusal(url: &SecretString, text: &str) -> Option<String> {
    let error = execute(url, text).await.err()?;
    Some(error.as_database_error()?.code()?.into_owned())
}
