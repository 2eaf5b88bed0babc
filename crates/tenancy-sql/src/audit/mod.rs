//! The auditor: proves that a database isolates tenants, whoever made its schema.
//!
//! It asks the catalog as a role sees it ([`Rule`], one a file), tries what the catalog promises ([`Probe`]), and says for each
//! [`Finding`] what mends it. At boot [`Databases::verify`](crate::Databases::verify) refuses to serve on an error; the
//! `tenancy audit` command is the same for a pipeline.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use tenancy_sql::audit::{Auditor, Severity};
//!
//! let connect = "postgres://migrator@localhost/app".parse()?;
//! let report = Auditor::new().role("app_rw").run(&connect).await?;
//! assert_eq!(report.at_least(Severity::Error).count(), 0);
//! # Ok(()) }
//! ```

mod auditor;
mod boot;
mod catalog;
mod convention;
mod error;
mod finding;
mod gauge;
mod pooler;
mod probe;
mod refusal;
mod report;
mod rule;
mod rules;
mod server;
mod severity;

pub use self::{
    auditor::Auditor,
    convention::Convention,
    error::AuditError,
    finding::Finding,
    probe::Probe,
    refusal::Unsafe,
    report::Report,
    rule::{Fault, Rule},
    rules::all as rules,
    severity::{ParseSeverityError, Severity},
};
pub(crate) use self::{
    boot::{judge, report as audit},
    gauge::record,
};
