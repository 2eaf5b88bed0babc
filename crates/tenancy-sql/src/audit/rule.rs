//! A rule: a question to the catalog, whose rows are findings.

use super::Severity;

/// A rule of the auditor: what it looks for, why, and what trips it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub(super) id: &'static str,
    pub(super) level: Level,
    pub(super) title: &'static str,
    pub(super) why: &'static str,
    pub(super) reference: &'static str,
    /// A SELECT behind `catalog.sql`. Each of its rows is a finding: the object, what is wrong with it (a clause that the
    /// object is the subject of), and the statement that mends it.
    pub(super) sql: &'static str,
    pub(super) faults: &'static [Fault],
}

impl Rule {
    /// Its name, in findings and waivers.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// How bad its findings are.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.level.anywhere
    }

    /// How bad they are in a database that the SDK serves, which has two fences and not one.
    #[must_use]
    pub const fn severity_in_ours(&self) -> Severity {
        self.level.ours
    }

    /// What it finds, in a few words.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// Why that is bad.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }

    /// Where it is written: pages of the manual, CVEs, lints of others.
    #[must_use]
    pub const fn reference(&self) -> &'static str {
        self.reference
    }

    /// Statements that trip it, each on a database that is fenced.
    #[must_use]
    pub const fn faults(&self) -> &'static [Fault] {
        self.faults
    }
}

/// Statements that trip a rule. `{role}`, `{owner}` and `{database}` stand for names, `{fence:x}` for the fence of a table `x`.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// What breaks it.
    pub sql: &'static str,
    /// What the finding must say.
    pub says: &'static str,
    /// Rules that can't but be tripped with it.
    pub also: &'static [&'static str],
}

/// How bad the findings of a rule are, anywhere and in a database that the SDK serves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    anywhere: Severity,
    ours: Severity,
}

impl Level {
    pub(super) const NOTE: Self = Self::always(Severity::Note);
    pub(super) const WARNING: Self = Self::always(Severity::Warning);
    pub(super) const ERROR: Self = Self::always(Severity::Error);

    const fn always(severity: Severity) -> Self {
        Self {
            anywhere: severity,
            ours: severity,
        }
    }

    pub(super) const fn error_in_ours(self) -> Self {
        Self {
            ours: Severity::Error,
            ..self
        }
    }

    pub(super) const fn severity(self, ours: bool) -> Severity {
        if ours { self.ours } else { self.anywhere }
    }
}
