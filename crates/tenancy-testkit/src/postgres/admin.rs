//! The superuser's statements.

use std::time::Duration;

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tenancy_core::registry::connect_options;

use super::error::PostgresError;

/// How long one administrative step may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connects, runs statements one by one (some refuse to share a transaction), and closes.
///
/// The statements are this module's own, their names went through `name::checked`.
pub(super) async fn run(url: &SecretString, what: &str, statements: &[String]) -> Result<(), PostgresError> {
    let mut connection = connect(url, what).await?;
    for statement in statements {
        let text = AssertSqlSafe(statement.clone());
        within(what, sqlx::raw_sql(text).execute(&mut connection)).await?;
    }
    within(what, connection.close()).await
}

/// One connection, with a deadline.
pub(super) async fn connect(url: &SecretString, what: &str) -> Result<PgConnection, PostgresError> {
    let options = connect_options(url)
        .map_err(|error| PostgresError::Sql(what.to_owned(), sqlx::Error::Configuration(error.into())))?;
    within(what, PgConnection::connect_with(&options)).await
}

/// Awaits a call to the server, with a deadline.
pub(super) async fn within<T>(
    what: &str,
    call: impl Future<Output = sqlx::Result<T>>,
) -> Result<T, PostgresError> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(result) => result.map_err(|error| PostgresError::Sql(what.to_owned(), error)),
        Err(_) => Err(PostgresError::Slow(what.to_owned())),
    }
}
