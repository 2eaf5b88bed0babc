//! Sessions of the runtime role, each with one tenant setting for its whole life.

use std::time::Duration;

use futures::TryStreamExt;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, error::BoxDynError};
use tenancy_core::{TenantId, registry::connect_options};

use super::{Case, IsolationError, Outcome, Setting, Verb};

/// How long one statement may take.
const PATIENCE: Duration = Duration::from_secs(30);
const TENANT: &str = "app.current_tenant";

/// The sessions, one for each setting.
pub(super) struct Sessions(Vec<(Setting, PgConnection)>);

impl Sessions {
    pub(super) async fn open(
        runtime: &SecretString,
        (own, other): (TenantId, TenantId),
    ) -> Result<Self, IsolationError> {
        let mut sessions = Vec::new();
        for setting in Setting::ALL {
            let value = match setting {
                Setting::Own => Some(own.to_string()),
                Setting::Other => Some(other.to_string()),
                Setting::Empty => Some(String::new()),
                Setting::None => None,
            };
            sessions.push((setting, scoped(runtime, value).await?));
        }
        Ok(Self(sessions))
    }

    /// Runs a case and undoes it.
    pub(super) async fn ask(&mut self, case: &Case) -> Outcome {
        let session = self.0.iter_mut().find(|(setting, _)| *setting == case.setting);
        let Some((_, session)) = session else {
            return Outcome::Failed("no session has the setting".to_owned());
        };
        match tokio::time::timeout(PATIENCE, undone(session, case)).await {
            Ok(outcome) => outcome.unwrap_or_else(|error| Outcome::of_error(&error)),
            Err(_) => Outcome::Failed("no answer in time".to_owned()),
        }
    }

    pub(super) async fn close(self) -> Result<(), IsolationError> {
        for (_, session) in self.0 {
            within("close a session", session.close()).await?;
        }
        Ok(())
    }
}

/// One connection.
pub(super) async fn connect(url: &SecretString) -> Result<PgConnection, IsolationError> {
    let options = connect_options(url)?;
    within("connect", PgConnection::connect_with(&options)).await
}

async fn scoped(runtime: &SecretString, value: Option<String>) -> Result<PgConnection, IsolationError> {
    let mut session = connect(runtime).await?;
    let preset = sqlx::query_scalar("SELECT current_setting($1, true)")
        .bind(TENANT)
        .fetch_one(&mut session);
    let preset: Option<String> = within("read the tenant setting", preset).await?;
    if preset.is_some() {
        return Err(IsolationError::Preset);
    }
    if let Some(value) = value {
        let set = sqlx::query("SELECT set_config($1, $2, false)")
            .bind(TENANT)
            .bind(value)
            .execute(&mut session);
        within("set the tenant", set).await?;
    }
    Ok(session)
}

async fn undone(session: &mut PgConnection, case: &Case) -> sqlx::Result<Outcome> {
    session.execute("BEGIN").await?;
    let outcome = run(session, case).await;
    session.execute("ROLLBACK").await?;
    outcome
}

async fn run(session: &mut PgConnection, case: &Case) -> sqlx::Result<Outcome> {
    let text = AssertSqlSafe(case.statement.clone());
    match case.verb {
        Verb::CopyTable | Verb::CopyQuery => copied(session, case).await,
        Verb::CopyFrom => {
            let sink = session.copy_in_raw(&case.statement).await?;
            sink.finish().await.map(|rows| case.affected(rows))
        }
        _ if case.gives_rows() => case.rows(&sqlx::raw_sql(text).fetch_all(session).await?),
        _ => sqlx::raw_sql(text)
            .execute(session)
            .await
            .map(|done| case.affected(done.rows_affected())),
    }
}

/// The copy's lines are tenants' ids.
async fn copied(session: &mut PgConnection, case: &Case) -> sqlx::Result<Outcome> {
    let stream = session.copy_out_raw(&case.statement).await?;
    let pieces: Vec<_> = stream.try_collect().await?;
    let text = pieces.concat();
    let decode = |error: BoxDynError| sqlx::Error::Decode(error);
    let text = std::str::from_utf8(&text).map_err(|error| decode(error.into()))?;
    let tenants = text.lines().map(str::parse).collect::<Result<Vec<_>, _>>();
    Ok(case.reached(tenants.map_err(|error: uuid::Error| decode(error.into()))?))
}

/// Awaits a statement of the suite's own, with a deadline.
pub(super) async fn within<T>(
    what: &'static str,
    call: impl Future<Output = sqlx::Result<T>>,
) -> Result<T, IsolationError> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(result) => result.map_err(|error| IsolationError::Sql(what, error)),
        Err(_) => Err(IsolationError::Slow(what)),
    }
}
