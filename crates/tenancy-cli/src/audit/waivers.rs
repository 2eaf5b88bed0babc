//! Findings that are known and borne, for a while.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use tenancy_sql::audit::{Severity, rules};

use super::outcome::Line;

/// A waiver that is no more.
pub(super) const EXPIRED: &str = "waiver_expired";
/// A waiver of what no rule is called.
pub(super) const UNKNOWN: &str = "waiver_unknown";
/// A waiver of nothing that was found.
pub(super) const UNUSED: &str = "waiver_unused";

/// Why a file of waivers can't be used. Nothing is audited then: half of it could bear what it must not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WaiversError {
    /// The file can't be read.
    #[error("`{path}`: {why}", path = .0.display(), why = .1)]
    Unreadable(PathBuf, std::io::Error),
    /// It is no TOML, or a waiver lacks a rule, an object, a reason or a date.
    #[error("`{path}`: {why}", path = .0.display(), why = .1)]
    Malformed(PathBuf, String),
}

/// Findings that are known and borne.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waivers {
    #[serde(default)]
    waiver: Vec<Waiver>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    rule: String,
    /// The object's name, in which `*` stands for any text.
    object: String,
    reason: String,
    expires: toml::value::Datetime,
}

impl Waivers {
    pub(super) fn read(file: &Path) -> Result<Self, WaiversError> {
        let text = std::fs::read_to_string(file).map_err(|e| WaiversError::Unreadable(file.to_owned(), e))?;
        Self::parse(&text).map_err(|why| WaiversError::Malformed(file.to_owned(), why))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let waivers: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for waiver in &waivers.waiver {
            if waiver.reason.trim().is_empty() {
                return Err(format!(
                    "the waiver of `{}` for `{}` has no reason",
                    waiver.rule, waiver.object
                ));
            }
            waiver.last_day()?;
        }
        Ok(waivers)
    }

    /// Marks what is borne, and tells of waivers that bear nothing.
    pub(super) fn apply(&self, lines: &mut Vec<Line>, today: Date) {
        let mut told = Vec::new();
        for waiver in &self.waiver {
            if !rules().any(|rule| rule.id() == waiver.rule) {
                told.push(waiver.line(UNKNOWN, Severity::Error, "waives a rule that there is not"));
            } else if waiver.last_day().is_ok_and(|last| last < today) {
                told.push(waiver.line(EXPIRED, Severity::Error, "was borne until a day that has passed"));
            } else if !waiver.mark(lines) {
                told.push(waiver.line(UNUSED, Severity::Warning, "is waived and was not found"));
            }
        }
        lines.extend(told);
    }
}

impl Waiver {
    fn last_day(&self) -> Result<Date, String> {
        let none = || format!("`expires = {}` is no day, as 2027-01-31 is", self.expires);
        let day = self.expires.date.ok_or_else(none)?;
        let part = |part: u8| i8::try_from(part).map_err(|_| none());
        let year = i16::try_from(day.year).map_err(|_| none())?;
        Date::new(year, part(day.month)?, part(day.day)?).map_err(|_| none())
    }

    /// Whether it bears anything.
    fn mark(&self, lines: &mut [Line]) -> bool {
        let mut used = false;
        for line in lines.iter_mut() {
            if line.rule == self.rule && matches(&self.object, &line.object) {
                used = true;
                line.waived.get_or_insert_with(|| self.reason.clone());
            }
        }
        used
    }

    fn line(&self, rule: &str, severity: Severity, problem: &str) -> Line {
        Line {
            rule: rule.to_owned(),
            severity,
            object: format!("{} {}", self.rule, self.object),
            problem: problem.to_owned(),
            remedy: "-- take the waiver out of the file, or mend it there".to_owned(),
            waived: None,
        }
    }
}

/// Whether a text is what a pattern says, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(head) else {
        return false;
    };
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    ends.filter_map(|at| text.get(at..))
        .any(|tail| matches(rest, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIVER: &str =
        "[[waiver]]\nrule = 'view_invoker'\nobject = 'public.*'\nreason = 'a report'\nexpires = 2030-01-31\n";

    fn line(rule: &str, object: &str) -> Line {
        Line {
            rule: rule.to_owned(),
            severity: Severity::Error,
            object: object.to_owned(),
            problem: String::new(),
            remedy: String::new(),
            waived: None,
        }
    }

    #[test]
    fn patterns() {
        for (pattern, text, expect) in [
            ("public.a", "public.a", true),
            ("public.a", "public.ab", false),
            ("public.*", "public.ab", true),
            ("*", "", true),
            ("*.a*", "public.ab", true),
            ("public.*_log", "public.audit_log", true),
            ("public.*_log", "public.audit_logs", false),
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_borne_and_what_is_told() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        for (text, today, waived, told) in [
            (WAIVER.to_owned(), "2030-01-31", true, None),
            (WAIVER.to_owned(), "2030-02-01", false, Some(EXPIRED)),
            (
                WAIVER.replace("view_invoker", "view_invoked"),
                "2030-01-01",
                false,
                Some(UNKNOWN),
            ),
            (
                WAIVER.replace("public.*", "app.*"),
                "2030-01-01",
                false,
                Some(UNUSED),
            ),
            (
                WAIVER.replace("view_invoker", "table_rls_off"),
                "2030-01-01",
                false,
                Some(UNUSED),
            ),
        ] {
            let mut lines = vec![line("view_invoker", "public.peek")];
            Waivers::parse(&text).unwrap().apply(&mut lines, day(today));
            let (first, rest) = lines.split_first().unwrap();
            assert_eq!(first.waived.is_some(), waived, "{text} on {today}");
            let rest: Vec<_> = rest.iter().map(|line| line.rule.as_str()).collect();
            assert_eq!(rest, told.into_iter().collect::<Vec<_>>(), "{text} on {today}");
        }
    }

    #[test]
    fn half_a_waiver_is_none() {
        for (from, to) in [
            ("reason = 'a report'\n", ""),
            ("'a report'", "' '"),
            ("expires = 2030-01-31\n", ""),
            ("2030-01-31", "'soon'"),
            ("2030-01-31", "07:32:00"),
            ("object = 'public.*'\n", ""),
            ("rule = ", "rules = "),
        ] {
            assert!(Waivers::parse(&WAIVER.replace(from, to)).is_err(), "{from} {to}");
        }
    }
}
