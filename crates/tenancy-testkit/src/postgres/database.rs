//! A database with an owner and a runtime role.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sqlx::Connection;

use super::{
    admin::{connect, within},
    error::PostgresError,
};

/// A database, and how to reach it as its owner (migrations), as its runtime role (services) and as the superuser
/// (what a test looks at behind everyone's back).
#[derive(Clone)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// As the role that owns it.
    pub owner_url: SecretString,
    /// As the role that may only connect.
    pub runtime_url: SecretString,
    /// As the superuser, whom no policy stops.
    pub superuser_url: SecretString,
    /// The role that may only connect.
    pub runtime_role: String,
    /// The role that owns it.
    pub owner_role: String,
}

impl Database {
    /// Asserts that the runtime role has no power that would make a test of isolation worthless.
    ///
    /// # Panics
    ///
    /// When the role can't connect, or is or may become a superuser, bypasses row-level security, may create roles,
    /// databases or temporary tables, replicates, or owns anything.
    pub async fn assert_demoted(&self) {
        let powers = self.powers().await.map_err(|error| format!("{error}: {error:?}"));
        assert_eq!(
            powers,
            Ok(vec![]),
            "`{}` must be demoted in `{}`",
            self.runtime_role,
            self.name
        );
    }

    /// What the runtime role can do and must not.
    async fn powers(&self) -> Result<Vec<String>, PostgresError> {
        let what = "look at the runtime role";
        let mut connection = connect(&self.runtime_url, what).await?;
        let powers = within(what, sqlx::query_scalar(POWERS).fetch_all(&mut connection)).await?;
        within(what, connection.close()).await?;
        Ok(powers)
    }
}

/// Over every role that the session's role is or may become.
const POWERS: &str = "
    WITH roles AS (
        SELECT oid AS role, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
        FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER'))
    SELECT 'is a superuser' FROM roles WHERE rolsuper
    UNION SELECT 'bypasses row-level security' FROM roles WHERE rolbypassrls
    UNION SELECT 'creates roles' FROM roles WHERE rolcreaterole
    UNION SELECT 'creates databases' FROM roles WHERE rolcreatedb
    UNION SELECT 'replicates' FROM roles WHERE rolreplication
    UNION SELECT 'owns database ' || datname FROM pg_database JOIN roles ON role = datdba
    UNION SELECT 'owns schema ' || nspname FROM pg_namespace JOIN roles ON role = nspowner
    UNION SELECT 'owns relation ' || relname FROM pg_class JOIN roles ON role = relowner
    UNION SELECT 'owns function ' || proname FROM pg_proc JOIN roles ON role = proowner
    UNION SELECT 'makes temporary tables' WHERE has_database_privilege(current_database(), 'TEMPORARY')
    UNION SELECT 'makes schemas' WHERE has_database_privilege(current_database(), 'CREATE')
    UNION SELECT 'creates in schema ' || nspname FROM pg_namespace
        WHERE has_schema_privilege(oid, 'CREATE') AND nspname !~ '^pg_(toast_)?temp'
    ORDER BY 1";

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("name", &self.name)
            .field("runtime_role", &self.runtime_role)
            .field("owner_role", &self.owner_role)
            .finish_non_exhaustive()
    }
}

/// A URL of the server on this port. Its parts need no quoting; the server speaks no TLS, so none is asked for.
pub(super) fn url(port: u16, role: &str, password: &SecretString, database: &str) -> SecretString {
    let password = password.expose_secret();
    format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable").into()
}
