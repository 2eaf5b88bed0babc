//! What was found or done, on the standard output.

use std::path::Path;

use tenancy_sql::fleet::{Ended, Outcome, RunReport, lint::Hazard};

use super::Format;

pub(super) fn hazards(hazards: &[Hazard], format: Format) {
    match format {
        Format::Json => json(&hazards),
        Format::Text => hazards.iter().for_each(|hazard| println!("{hazard}")),
    }
}

/// Everything that is shown can be written as JSON.
pub(super) fn json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("{error}"),
    }
}

pub(super) fn run(report: &RunReport, format: Format, state: &Path) {
    if let Format::Json = format {
        json(&report.databases);
    } else {
        summary(report);
    }
    match &report.ended {
        Ended::Hazards(found) => {
            found.iter().for_each(|hazard| eprintln!("{hazard}"));
            eprintln!("nothing was begun: mend the migrations, or waive what is safe here with its reason");
        }
        Ended::Whole => {}
        ended => {
            let why = match ended {
                Ended::Failing(class) => format!("others would fail in the same way: {class}"),
                Ended::NothingProven => "none of a wave could be migrated".to_owned(),
                _ => "it was asked to".to_owned(),
            };
            eprintln!(
                "ended early: {why}. {} databases were not begun. Type the same again to go on (`{}`)",
                report.left,
                state.display()
            );
        }
    }
}

fn summary(report: &RunReport) {
    let done = |wanted: bool| {
        let outcomes = report.databases.values();
        outcomes
            .filter(|one| matches!(one, Outcome::Done(done) if done.applied.is_empty() != wanted))
            .count()
    };
    println!(
        "{} migrated, {} had all, {} failed, {} not begun",
        done(true),
        done(false),
        report.failed().count(),
        report.left
    );
    for (location, failure) in report.failed() {
        println!("{location}: {failure}");
    }
    for (location, outcome) in &report.databases {
        if let Outcome::Done(done) = outcome
            && let Some(held) = &done.held
        {
            println!("{location}: {held}");
        }
    }
}
