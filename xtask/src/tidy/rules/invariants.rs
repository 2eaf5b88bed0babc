//! Each invariant of `ARCHITECTURE.md` names the tests that hold it, and they exist.

use std::collections::BTreeSet;

use crate::tidy::{code::code, finding::Finding, repository::Repository};

const PAGE: &str = "ARCHITECTURE.md";
const TITLE: &str = "## Invariants";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.files.get(PAGE) else {
        return vec![];
    };
    let rows: Vec<(usize, &str)> = rows(page).collect();
    if rows.is_empty() {
        return vec![Finding::new(
            PAGE,
            0,
            format!("no table of invariants below `{TITLE}`"),
        )];
    }
    let functions = functions(repository);
    rows.into_iter()
        .flat_map(|(line, row)| held(line, row, &functions))
        .collect()
}

/// The rows of the table, without its head: the line's number, and its last column.
fn rows(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let section = page
        .lines()
        .enumerate()
        .skip_while(|(_, line)| !line.starts_with(TITLE))
        .skip(1);
    let section = section.take_while(|(_, line)| !line.starts_with("## "));
    let table = section.filter(|(_, line)| line.starts_with('|')).skip(2);
    table.map(|(at, line)| {
        (
            at + 1,
            line.trim_end()
                .trim_end_matches('|')
                .rsplit('|')
                .next()
                .unwrap_or_default(),
        )
    })
}

fn held(line: usize, names: &str, functions: &BTreeSet<String>) -> Vec<Finding> {
    // between two backticks: every second part
    let named: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
    if named.is_empty() {
        return vec![Finding::new(
            PAGE,
            line,
            "name the test that holds this invariant, in backticks, in the last column",
        )];
    }
    let last = |name: &&str| name.rsplit("::").next().unwrap_or_default().to_owned();
    let missing = named.iter().filter(|name| !functions.contains(&last(name)));
    missing
        .map(|name| {
            Finding::new(
                PAGE,
                line,
                format!("there is no test `{name}`: write it, or name the one there is"),
            )
        })
        .collect()
}

/// The name of every function in the workspace.
fn functions(repository: &Repository) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (_, text) in repository.ending(".rs") {
        let code = code(text);
        let names = code.split("fn ").skip(1).map(|after| {
            let name = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_');
            name.collect::<String>()
        });
        all.extend(names);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    const HEAD: &str = "# A\n| x | `no` |\n## Invariants\n\n| invariant | held by |\n|---|---|\n";
    const CODE: (&str, &str) = ("a.rs", "#[test]\nfn it_holds() {}\n// fn it_does_not() {}\n");

    fn check_row(row: &str) -> Vec<(String, usize)> {
        places(
            check,
            &[
                (
                    PAGE,
                    &format!("{HEAD}{row}\n\n## Next\n| a | b |\n|---|---|\n| c | `d` |\n"),
                ),
                CODE,
            ],
        )
    }

    #[test]
    fn an_invariant_that_no_test_holds_is_found() {
        assert_eq!(check_row("| one | `it_holds`, `tests::it_holds` |"), []);
        assert_eq!(check_row("| one | `it_does_not` |"), [at(PAGE, 7)]);
        assert_eq!(check_row("| one | `it_holds`, `it_is_missing` |"), [at(PAGE, 7)]);
        assert_eq!(check_row("| `one` | by hand |"), [at(PAGE, 7)]);
        assert_eq!(check_row(""), [at(PAGE, 0)]);
        assert_eq!(places(check, &[CODE]), []);
    }
}
