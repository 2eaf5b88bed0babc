//! What the suite found.

use std::fmt;

use super::{Outcome, Setting, Verb};

/// One table, verb and setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The table, with its schema.
    pub table: String,
    /// What was tried.
    pub verb: Verb,
    /// Under which setting.
    pub setting: Setting,
    /// The outcomes, each of which is right.
    pub expected: Vec<Outcome>,
    /// The outcome.
    pub seen: Outcome,
}

impl Cell {
    /// Whether the outcome is right.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.expected.contains(&self.seen)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            verb,
            setting,
            seen,
            expected,
        } = self;
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        write!(
            f,
            "{table}: {verb} with the setting `{setting}` gave {seen}, not {}",
            expected.join(" or ")
        )
    }
}

/// Every cell. Its text is a table: `2+0` are two rows of the own tenant and none of any other, five characters an SQLSTATE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order in which they were tried.
    pub cells: Vec<Cell>,
}

impl Report {
    /// The cells whose outcome is wrong.
    pub fn failures(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| !cell.holds())
    }

    /// Asserts that every cell holds.
    ///
    /// # Panics
    ///
    /// When one does not: the message names table, verb and setting of each. When nothing was tried.
    pub fn assert(&self) {
        let failures: Vec<String> = self.failures().map(ToString::to_string).collect();
        assert!(!self.cells.is_empty(), "nothing was tried");
        assert!(
            failures.is_empty(),
            "tenants are not isolated:\n{}\n\n{self}",
            failures.join("\n")
        );
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .cells
            .iter()
            .map(|cell| cell.table.len())
            .max()
            .unwrap_or_default();
        write!(f, "{:<width$} {:<10}", "table", "verb")?;
        Setting::ALL
            .iter()
            .try_for_each(|setting| write!(f, " {setting:<8}"))?;
        let mut line = None;
        for cell in &self.cells {
            let next = (&cell.table, cell.verb);
            if line.replace(next) != Some(next) {
                write!(f, "\n{:<width$} {:<10}", cell.table, cell.verb)?;
            }
            let mark = if cell.holds() { ' ' } else { '!' };
            write!(f, "{mark}{:<8}", cell.seen)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(setting: Setting, seen: Outcome) -> Cell {
        let expected = vec![Outcome::refused("42704")];
        Cell {
            table: "public.trips".to_owned(),
            verb: Verb::Select,
            setting,
            expected,
            seen,
        }
    }

    #[test]
    fn a_failing_cell_is_named_and_marked() {
        let leak = Outcome::Rows { own: 2, others: 0 };
        let report = Report {
            cells: vec![
                cell(Setting::None, leak),
                cell(Setting::Empty, Outcome::refused("42704")),
            ],
        };
        let text = std::panic::catch_unwind(|| report.assert()).unwrap_err();
        let text = text.downcast_ref::<String>().unwrap();
        assert!(
            text.contains("public.trips: select with the setting `none` gave 2+0, not 42704\n"),
            "{text}"
        );
        assert!(
            text.ends_with("public.trips select    !2+0      42704   "),
            "{text}"
        );
    }

    #[test]
    fn an_empty_report_proves_nothing() {
        assert!(std::panic::catch_unwind(|| Report::default().assert()).is_err());
    }
}
