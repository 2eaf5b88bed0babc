//! What takes too long for every change: the tests that say so of themselves, with what they are told.

use std::process::ExitCode;

use crate::{
    cargo::cargo,
    claim::claim,
    phase::{finish, run},
};

/// What the tests read, by the option that says it.
const OPTIONS: [(&str, &str); 4] = [
    ("--operations", "TENANCY_SOAK_OPERATIONS"),
    ("--seed", "TENANCY_SOAK_SEED"),
    ("--minutes", "TENANCY_SOAK_MINUTES"),
    ("--cancellations", "TENANCY_SOAK_CANCELLATIONS"),
];

/// The pool's tests in full: random operations of 50 tenants in each way of serving, and cancellations at every depth.
pub(crate) fn sql(rest: &[&str]) -> ExitCode {
    let Some(told) = told(rest) else {
        eprintln!(
            "usage: cargo xtask soak sql [--operations N] [--seed S] [--minutes M] [--cancellations N]"
        );
        return ExitCode::from(2);
    };
    let words = [
        "test",
        "--workspace",
        "--test",
        "it",
        "--lib",
        "soak_of",
        "--",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let soak = || {
        run(
            "soak sql",
            cargo(&words).envs(told.iter().map(|(name, number)| (name, number.to_string()))),
        )
    };
    finish(claim().and_then(|()| soak()))
}

/// Options with their numbers, as variables; none when they are others.
fn told(rest: &[&str]) -> Option<Vec<(&'static str, u64)>> {
    let pairs = rest.chunks(2).map(|pair| {
        let [option, number] = pair else { return None };
        let (_, variable) = OPTIONS.into_iter().find(|(known, _)| known == option)?;
        Some((variable, number.parse().ok()?))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expect: Option<&[(&str, u64)]>) {
        let words: Vec<&str> = words.split_whitespace().collect();
        assert_eq!(told(&words).as_deref(), expect, "{words:?}");
    }

    #[test]
    fn options_are_told_as_variables() {
        check("", Some(&[]));
        check(
            "--seed 7 --minutes 10",
            Some(&[("TENANCY_SOAK_SEED", 7), ("TENANCY_SOAK_MINUTES", 10)]),
        );
        check("--seed", None);
        check("--seed x", None);
        check("--speed 7", None);
    }
}
