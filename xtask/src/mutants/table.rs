//! What became of the mutants.

use std::{fmt, time::Duration};

use super::mutant::Mutant;

/// What became of one.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// These tests failed.
    Killed(Vec<String>),
    /// Its tests did not end in time, which somebody would notice.
    Hangs,
    /// Nobody noticed: a test is missing.
    Survives,
    /// Nothing is known: the list is wrong.
    DoesNotBuild,
}

/// A line of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    name: String,
    defence: String,
    verdict: Verdict,
    seconds: f32,
}

impl Row {
    pub(super) fn new(mutant: &Mutant, verdict: Verdict, time: Duration) -> Self {
        Self {
            name: mutant.name.clone(),
            defence: mutant.defence.clone(),
            verdict,
            seconds: time.as_secs_f32(),
        }
    }

    pub(super) fn is_killed(&self) -> bool {
        matches!(self.verdict, Verdict::Killed(_) | Verdict::Hangs)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match &self.verdict {
            Verdict::Killed(tests) => tests
                .iter()
                .map(|test| format!("`{test}`"))
                .collect::<Vec<_>>()
                .join(", "),
            Verdict::Hangs => "its tests do not end".to_owned(),
            Verdict::Survives => "**it survives**".to_owned(),
            Verdict::DoesNotBuild => "**it does not build**".to_owned(),
        };
        write!(
            f,
            "| `{}` | {} | {verdict} | {:.0} |",
            self.name, self.defence, self.seconds
        )
    }
}

/// The table, in Markdown, and its sum.
pub(super) fn render(rows: &[Row]) -> String {
    let mut text = "| mutant | what is taken out | killed by | s |\n|---|---|---|---|\n".to_owned();
    for row in rows {
        text += &format!("{row}\n");
    }
    let killed = rows.iter().filter(|row| row.is_killed()).count();
    text + &format!("\n{killed} of {} killed", rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(verdict: Verdict) -> Row {
        Row {
            name: "force".to_owned(),
            defence: "FORCE".to_owned(),
            verdict,
            seconds: 1.2,
        }
    }

    #[test]
    fn only_a_test_that_fails_or_hangs_kills() {
        let killed = row(Verdict::Killed(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(killed.to_string(), "| `force` | FORCE | `a`, `b` | 1 |");
        let rows = [
            killed,
            row(Verdict::Hangs),
            row(Verdict::Survives),
            row(Verdict::DoesNotBuild),
        ];
        assert!(render(&rows).ends_with("2 of 4 killed"));
    }
}
