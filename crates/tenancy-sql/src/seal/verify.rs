//! Whether a pool's seal holds, before it serves.

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::{SecretRef, TenantId};

use super::Seal;
use crate::{PoolMode, PoolOptions};

/// Why these options can't be served with, if they can't.
pub(crate) fn refusal(options: &PoolOptions) -> Option<&'static str> {
    (options.seal.is_some() && options.mode == PoolMode::Transaction).then_some(
        "a seal is bound to a session, and behind a pooler in transaction mode there is none: \
         connect directly, or through a pooler in session mode, or leave `seal` out",
    )
}

const WITHOUT: &str = "SELECT tenancy.current_tenant()::text";

/// Proves that the database takes the key's proof, and refuses a session without one. Five round trips.
pub(crate) async fn verify(connect: &PgConnectOptions, key: &SecretRef) -> Result<(), String> {
    let mut connection = connect.connect().await.map_err(|_| unanswered())?;
    let answer = ask(&mut connection, key).await;
    // the answer counts, not the farewell
    let _ = connection.close().await;
    answer
}

async fn ask(connection: &mut PgConnection, key: &SecretRef) -> Result<(), String> {
    let tenant = TenantId::new();
    let mut seal = Seal::begin(connection, key).await.map_err(said)?;
    let claim = format!("SET app.current_tenant = '{tenant}'");
    sqlx::raw_sql(AssertSqlSafe(claim))
        .execute(&mut *connection)
        .await
        .map_err(said)?;
    if sqlx::raw_sql(WITHOUT).fetch_one(&mut *connection).await.is_ok() {
        return Err(
            "it is not sealed: a session without a proof is a tenant's. Call `seal::enforce` as the owner"
                .into(),
        );
    }
    let open = seal.open(tenant) + WITHOUT;
    sqlx::raw_sql(AssertSqlSafe(open))
        .fetch_all(&mut *connection)
        .await
        .map_err(said)?;
    seal.opened();
    Ok(())
}

fn said(error: sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(refused) => {
            let cause = refused.source().map(ToString::to_string).unwrap_or_default();
            format!("{refused}: {cause}")
        }
        sqlx::Error::Database(refused) => format!("the seal does not hold: {}", refused.message()),
        _ => unanswered(),
    }
}

fn unanswered() -> String {
    "it did not answer for its seal".to_owned()
}
