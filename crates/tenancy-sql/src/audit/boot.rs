//! The boot check: proves, as the role that will serve, that a database isolates tenants.

use sqlx::postgres::PgConnectOptions;
use tenancy_core::Location;

use super::{Auditor, Convention, Report, Severity, Unsafe, pooler};
use crate::PoolMode;

/// Asks everything, so that one start shows every finding. A pooler that shares sessions is what a pool of transactions is for.
pub(crate) async fn report(
    location: &Location,
    connect: &PgConnectOptions,
    mode: PoolMode,
) -> Result<Report, Unsafe> {
    let auditor = Auditor::new().convention(Convention::ours());
    let report = auditor.run(connect).await;
    let mut report = report.map_err(|error| Unsafe::failed(location, error))?;
    if mode == PoolMode::Transaction {
        report
            .findings
            .retain(|finding| finding.rule != pooler::MODE.id());
    }
    Ok(report)
}

/// Errors refuse; the rest is logged.
pub(crate) fn judge(location: &Location, report: &Report) -> Result<(), Unsafe> {
    let errors: Vec<_> = report.at_least(Severity::Error).cloned().collect();
    for finding in &report.findings {
        match finding.severity {
            Severity::Error => {}
            Severity::Warning => tracing::warn!(%location, "{finding}"),
            Severity::Note => tracing::info!(%location, "{finding}"),
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Unsafe::proven(location, errors))
    }
}
