//! The session that a plan is executed in.

use std::time::Duration;

use sqlx::{Executor, postgres::PgConnection};
use tokio::time::{Instant, sleep};

use super::{ApplyError, ApplyOptions};

/// How long a session that was killed may take to be noticed.
const TAKEN: Duration = Duration::from_secs(30);
const LOCK: &str =
    "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('tenancy rls apply', 0))";
const UNLOCK: &str =
    "SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended('tenancy rls apply', 0))";

/// With `row_security` off, a policy that would hide rows from us is an error, so that none is overlooked.
const SETTINGS: &str = "SET search_path = pg_catalog; SET standard_conforming_strings = on; SET statement_timeout = 0; \
    SET idle_in_transaction_session_timeout = '60s'; SET row_security = off; SET default_transaction_read_only = off";

/// Settles the session, and keeps a second one out.
pub(super) async fn open(connection: &mut PgConnection, options: &ApplyOptions) -> Result<(), ApplyError> {
    connection.execute(SETTINGS).await?;
    // a backstop: a server that can't look whether we are still there does without
    let _ = connection
        .execute("SET client_connection_check_interval = '1s'")
        .await;
    let until = Instant::now() + TAKEN.min(options.patience);
    loop {
        if sqlx::query_scalar(LOCK).fetch_one(&mut *connection).await? {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(ApplyError::Taken);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

pub(super) async fn close(connection: &mut PgConnection) -> Result<(), ApplyError> {
    connection.execute(UNLOCK).await?;
    Ok(())
}

/// Our own migrations keep their table where the session's own `search_path` says.
pub(super) async fn base(connection: &mut PgConnection) -> Result<(), ApplyError> {
    connection.execute("RESET search_path").await?;
    crate::migrate::apply_base(connection)
        .await
        .map_err(ApplyError::Base)?;
    connection.execute("SET search_path = pg_catalog").await?;
    Ok(())
}

/// It was not had in time, or somebody had to give way.
pub(super) fn contended(error: &sqlx::Error) -> bool {
    // lock_not_available, query_canceled (by the statement's deadline), deadlock_detected
    code(error).is_some_and(|code| ["55P03", "57014", "40P01"].contains(&code.as_str()))
}

pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}
