//! Why a verb could not be done.

use tenancy_core::SecretRefError;

/// Why a verb could not be done, as it is shown to who typed it. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The reference to the database's URL leads nowhere.
    #[error("`--database`: {0}")]
    Reference(#[from] SecretRefError),
    /// What is referred to is no URL of PostgreSQL's.
    #[error("`--database`: {0}")]
    Url(#[from] tenancy_core::registry::ConnectOptionsError),
    /// The database refused or broke off.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The database could not be audited.
    #[error("the audit: {}", chain(.0))]
    Audit(#[from] tenancy_sql::audit::AuditError),
    /// The file of waivers can't be used.
    #[error("`--waivers`: {0}")]
    Waivers(#[from] crate::audit::WaiversError),
    /// What is declared of the schema is not understood.
    #[error("the declaration: {0}")]
    Declaration(String),
    /// There is no plan, for reasons that are listed.
    #[error("{}", crate::rls::problems(.0))]
    Plan(#[from] tenancy_sql::rls::PlanError),
    /// The plan could not be executed to its end.
    #[error("{}", crate::rls::stopped(.0))]
    Apply(#[from] tenancy_sql::rls::ApplyError),
    /// The list of a fleet's databases can't be read.
    #[error("`{0}`: {1}")]
    List(std::path::PathBuf, String),
    /// Tenants are where the list does not reach.
    #[error("the registry has tenants in databases that the list lacks: {0}")]
    Missing(String),
    /// The registry can't be asked.
    #[error("the registry: {0}")]
    Registry(#[from] tenancy_core::Error),
    /// The folder of migrations can't be read.
    #[error("the migrations: {0}")]
    Migrations(#[from] sqlx::migrate::MigrateError),
    /// The record of a run can't be kept.
    #[error("{0}")]
    Record(#[from] tenancy_sql::fleet::RecordError),
}

/// An error and what it comes from.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
