//! One audit of one database.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row,
    postgres::{PgConnectOptions, PgConnection},
};

use super::{
    AuditError, Convention, Finding, Probe, Report, Severity, catalog,
    convention::{OUR_FUNCTION, View},
    pooler, probe,
    probe::Target,
    rule::{Level, Rule},
    server,
};

/// How long one database may take to be audited, unless the caller says otherwise.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const NOTHING_FENCED: Rule = Rule {
    id: "nothing_fenced",
    level: Level::ERROR,
    title: "no table that could be fenced",
    why: "The role reaches no table with the tenant's column: the column, the schema, the role or the database is another one, and \
          an audit of nothing finds nothing.",
    reference: "the options of the audit",
    sql: "",
    faults: &[],
};

/// Audits a database, whoever made its schema: asks the catalog, and tries what it promises.
///
/// # Guarantees
///
/// Changes nothing: what is tried is rolled back. Opens connections of its own, five with the pooler's check, and closes them.
#[derive(Clone, Debug)]
pub struct Auditor {
    convention: Option<Convention>,
    role: Option<String>,
    schemas: Vec<String>,
    probe: Probe,
    patience: Duration,
}

struct Facts {
    session_role: String,
    version: u32,
    port: Option<i32>,
    ours: bool,
}

impl Default for Auditor {
    fn default() -> Self {
        Self::new()
    }
}

impl Auditor {
    /// As the role that connects; by the SDK's convention in a database with the SDK's function, by the usual one elsewhere;
    /// with a probe that reads; within 20 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self {
            convention: None,
            role: None,
            schemas: Vec::new(),
            probe: Probe::Reads,
            patience: PATIENCE,
        }
    }

    /// How the schema says whose row it is.
    #[must_use]
    pub fn convention(self, convention: Convention) -> Self {
        Self {
            convention: Some(convention),
            ..self
        }
    }

    /// Takes another role's view than that of the one who connects. The probe needs a session that may `SET ROLE` to it.
    #[must_use]
    pub fn role(self, role: impl Into<String>) -> Self {
        Self {
            role: Some(role.into()),
            ..self
        }
    }

    /// Looks at these schemas; at all but the server's own without it.
    #[must_use]
    pub fn schemas(self, schemas: impl IntoIterator<Item = String>) -> Self {
        Self {
            schemas: schemas.into_iter().collect(),
            ..self
        }
    }

    /// What is tried.
    #[must_use]
    pub fn probe(self, probe: Probe) -> Self {
        Self { probe, ..self }
    }

    /// How long all of it may take.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Audits. Four round trips, two more to read without a tenant, some fifteen for what stands between, and five to eight a
    /// table where two tenants are tried.
    ///
    /// # Errors
    ///
    /// [`AuditError`], when the database could not be asked: nothing is known about it then.
    pub async fn run(&self, connect: &PgConnectOptions) -> Result<Report, AuditError> {
        match tokio::time::timeout(self.patience, self.connected(connect)).await {
            Ok(report) => report,
            Err(_) => Err(AuditError::Slow),
        }
    }

    async fn connected(&self, connect: &PgConnectOptions) -> Result<Report, AuditError> {
        let mut connection = connect.connect().await?;
        let report = self.ask(&mut connection, connect).await;
        // the answer counts, not the farewell
        let _ = connection.close().await;
        report
    }

    async fn ask(
        &self,
        connection: &mut PgConnection,
        connect: &PgConnectOptions,
    ) -> Result<Report, AuditError> {
        let facts = self.facts(connection).await?;
        let view = self.view(&facts);
        let targets = Target::all(connection, &view).await?;
        let tenant_tables = targets
            .iter()
            .filter(|target| target.tenant_type.is_some())
            .count();
        let mut report = Report {
            relations: targets.len(),
            tenant_tables,
            findings: catalog::ask(connection, &view).await?,
            unproven: Vec::new(),
            role: view.role.clone(),
        };
        report
            .findings
            .extend(server::ask(facts.version, view.convention.is_ours()));
        report
            .findings
            .extend(pooler::present(connect.get_port(), facts.port));
        report.findings.extend(pooler::mode(connect).await?);
        if tenant_tables == 0 {
            report.findings.push(nothing_fenced(&view));
        }
        if self.probe > Probe::Off {
            self.try_all(connection, &view, (&facts, &targets), &mut report)
                .await?;
        }
        Ok(report)
    }

    fn view(&self, facts: &Facts) -> View {
        let usual = || {
            if facts.ours {
                Convention::ours()
            } else {
                Convention::usual()
            }
        };
        View {
            role: self.role.clone().unwrap_or_else(|| facts.session_role.clone()),
            convention: self.convention.clone().unwrap_or_else(usual),
            schemas: self.schemas.clone(),
        }
    }

    /// Also makes the session one whose strings conform to the standard.
    async fn facts(&self, connection: &mut PgConnection) -> Result<Facts, AuditError> {
        sqlx::raw_sql("SET standard_conforming_strings = on")
            .execute(&mut *connection)
            .await?;
        let role = match &self.role {
            Some(role) => catalog::literal(role)?,
            None => "session_user".to_owned(),
        };
        let text = format!(
            "SELECT session_user::text, current_setting('server_version_num')::int, inet_server_port(), \
             to_regprocedure('{OUR_FUNCTION}') IS NOT NULL, EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {role})"
        );
        let row = sqlx::raw_sql(AssertSqlSafe(text)).fetch_one(connection).await?;
        let version = row.try_get::<i32, _>(1)?.unsigned_abs();
        if version / 10_000 < server::OLDEST {
            return Err(AuditError::TooOld(version / 10_000));
        }
        if !row.try_get::<bool, _>(4)? {
            return Err(AuditError::NoRole(self.role.clone().unwrap_or_default()));
        }
        Ok(Facts {
            session_role: row.try_get(0)?,
            version,
            port: row.try_get(2)?,
            ours: row.try_get(3)?,
        })
    }

    async fn try_all(
        &self,
        connection: &mut PgConnection,
        view: &View,
        (facts, targets): (&Facts, &[Target]),
        report: &mut Report,
    ) -> Result<(), AuditError> {
        let role = &view.role;
        if facts.session_role == *role {
            report.unproven.push("two tenants were not tried: only a session that sees both can find them (connect as one with BYPASSRLS and name the role)".to_owned());
        } else {
            let tried = probe::foreign(connection, view, (targets, self.probe)).await?;
            report.unproven.push(format!(
                "two tenants were tried on {} of {} tables: the others have no rows of two",
                tried.tables, report.tenant_tables
            ));
            report.findings.extend(tried.findings);
            if !probe::become_role(connection, role).await? {
                report.unproven.push(format!(
                    "nothing was tried: `{}` may not become `{role}`",
                    facts.session_role
                ));
                return Ok(());
            }
        }
        report
            .findings
            .extend(probe::reach(connection, view, targets).await?);
        Ok(())
    }
}

fn nothing_fenced(view: &View) -> Finding {
    Finding {
        rule: NOTHING_FENCED.id,
        severity: Severity::Error,
        object: view.convention.column.clone(),
        problem: "is a column of no table that the role reaches: nothing was audited".to_owned(),
        remedy: "SELECT 'name the right column, schema, role and database'".to_owned(),
    }
}
