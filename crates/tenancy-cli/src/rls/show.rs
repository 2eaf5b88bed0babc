//! Why it stopped, for whoever typed it. Names come from the catalog: they stay on their line.

use std::error::Error;

use tenancy_sql::rls::{ApplyError, PlanError};

/// One line each.
pub(crate) fn problems(error: &PlanError) -> String {
    match error {
        PlanError::Problems(problems) => {
            let lines = problems
                .iter()
                .map(|problem| format!("\n- {}", plain(&problem.to_string())));
            format!("the schema can't be fenced yet:{}", lines.collect::<String>())
        }
        error => chain(error),
    }
}

pub(crate) fn stopped(error: &ApplyError) -> String {
    match error {
        ApplyError::Plan(error) => problems(error),
        error => chain(error),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    plain(&text)
}

pub(super) fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}
