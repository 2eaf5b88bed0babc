//! What comes of an audit: its findings, and what is borne of them.

use std::process::ExitCode;

use jiff::civil::Date;
use tenancy_sql::audit::{Finding, Report, Severity};

use super::{AuditArgs, format::Format, json, sarif, text, waivers::Waivers};
use crate::failure::Failure;

/// One finding, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) object: String,
    pub(super) problem: String,
    pub(super) remedy: String,
    /// Why it is borne.
    pub(super) waived: Option<String>,
}

/// What comes of an audit.
pub(super) struct Outcome {
    pub(super) report: Report,
    pub(super) lines: Vec<Line>,
}

/// Audits, tells, and says whether something was found: 1 or 0.
pub(crate) async fn run(args: AuditArgs) -> Result<ExitCode, Failure> {
    let waivers = match &args.waivers {
        Some(file) => Waivers::read(file)?,
        None => Waivers::default(),
    };
    let report = args.auditor().run(&args.database.options()?).await?;
    let outcome = Outcome::new(report, &waivers, today());
    let told = match args.format {
        Format::Text => text::tell(&outcome),
        Format::Json => json::tell(&outcome),
        Format::Sarif => sarif::tell(&outcome),
    };
    println!("{told}");
    Ok(ExitCode::from(u8::from(outcome.fails(args.fail_on))))
}

fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

impl Outcome {
    pub(super) fn new(report: Report, waivers: &Waivers, today: Date) -> Self {
        let mut lines: Vec<Line> = report.findings.iter().map(Line::from).collect();
        waivers.apply(&mut lines, today);
        Self { report, lines }
    }

    /// Whether something is as bad as that, and not borne.
    pub(super) fn fails(&self, on: Severity) -> bool {
        self.lines
            .iter()
            .any(|line| line.waived.is_none() && line.severity >= on)
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        let lines = self.lines.iter();
        lines
            .filter(|line| line.waived.is_none() && line.severity == severity)
            .count()
    }

    pub(super) fn waived(&self) -> usize {
        self.lines.iter().filter(|line| line.waived.is_some()).count()
    }
}

impl From<&Finding> for Line {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.to_owned(),
            severity: finding.severity,
            object: finding.object.clone(),
            problem: finding.problem.clone(),
            remedy: finding.remedy.clone(),
            waived: None,
        }
    }
}
