//! Checks of fields: all of them, so that one answer names everything that is wrong.

use std::ops::RangeInclusive;

use tenancy::{Error, FieldError, Result};

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    /// A field has to be so.
    pub(crate) fn ensure(&mut self, ok: bool, field: &str, problem: impl Into<String>) {
        if !ok {
            self.0.push(FieldError::new(field, problem));
        }
    }

    /// A text of one line, not blank.
    pub(crate) fn line(&mut self, field: &str, text: &str, characters: RangeInclusive<usize>) {
        self.length(field, text, &characters);
        let blank = !text.is_empty() && text.trim().is_empty();
        self.ensure(!blank, field, "not blank");
        self.ensure(
            !text.chars().any(char::is_control),
            field,
            "one line, without control characters",
        );
    }

    /// A text of any number of lines.
    pub(crate) fn text(&mut self, field: &str, text: &str, characters: RangeInclusive<usize>) {
        self.length(field, text, &characters);
        let stray = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        self.ensure(
            !text.chars().any(stray),
            field,
            "without control characters other than line breaks and tabs",
        );
    }

    fn length(&mut self, field: &str, text: &str, characters: &RangeInclusive<usize>) {
        let problem = format!("{} to {} characters", characters.start(), characters.end());
        self.ensure(characters.contains(&text.chars().count()), field, problem);
    }

    /// # Errors
    ///
    /// 422 that names each field at fault.
    pub(crate) fn done(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid(self.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(run: impl FnOnce(&mut Checks), problems: usize) {
        let mut checks = Checks::default();
        run(&mut checks);
        let found = checks.0.clone();
        assert_eq!(found.len(), problems, "{found:?}");
        assert_eq!(checks.done().is_ok(), problems == 0);
    }

    #[test]
    fn a_line_is_neither_blank_nor_broken_nor_too_long() {
        check(|c| c.line("title", "Alps", 1..=4), 0);
        check(|c| c.line("title", "Älpe", 1..=4), 0);
        check(|c| c.line("title", "", 1..=4), 1);
        check(|c| c.line("title", "Alpes", 1..=4), 1);
        check(|c| c.line("title", "  ", 1..=4), 1);
        check(|c| c.line("title", "a\nb", 1..=4), 1);
        check(|c| c.line("title", "a\0", 1..=4), 1);
    }

    #[test]
    fn a_text_has_lines_but_no_nul() {
        check(|c| c.text("notes", "", 0..=9), 0);
        check(|c| c.text("notes", "a\r\n\tb", 0..=9), 0);
        check(|c| c.text("notes", "a\0", 0..=9), 1);
        check(|c| c.text("notes", "0123456789", 0..=9), 1);
    }
}
