//! Roles at the registry, one for each deployment.

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tenancy_control::DeploymentRole;
use tenancy_core::registry::connect_options;
use tenancy_testkit::Postgres;
use uuid::Uuid;

use super::{Result, failure::While};

/// A role that can log in, and its URL at the registry.
pub(super) struct RegistryRole {
    pub(super) name: DeploymentRole,
    pub(super) url: SecretString,
}

/// A name that does not tell whose it is: every role of a server can read the names of all.
pub(super) fn name() -> String {
    format!("d_{}", Uuid::now_v7().simple())
}

/// Creates a role that can log in, and nothing else.
pub(super) async fn create(postgres: &Postgres, database: &str) -> Result<RegistryRole> {
    let what = || "create a role at the registry".to_owned();
    let name: DeploymentRole = name().parse().during(what)?;
    let mut superuser = connect(&postgres.superuser_url(database)).await?;
    let password: Uuid = sqlx::query_scalar("SELECT gen_random_uuid()")
        .fetch_one(&mut superuser)
        .await
        .during(what)?;
    let password = password.simple();
    // a name and a UUID: nothing in them needs quoting
    let statement = format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'");
    sqlx::query(AssertSqlSafe(statement))
        .execute(&mut superuser)
        .await
        .during(what)?;
    superuser.close().await.during(what)?;
    let port = postgres.port();
    let url = format!("postgres://{name}:{password}@127.0.0.1:{port}/{database}?sslmode=disable");
    Ok(RegistryRole {
        name,
        url: url.into(),
    })
}

/// One connection.
pub(super) async fn connect(url: &SecretString) -> Result<PgConnection> {
    let what = || "connect to a database".to_owned();
    let options = connect_options(url).during(what)?;
    PgConnection::connect_with(&options).await.during(what)
}
