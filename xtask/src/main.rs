//! Everything a person types: `cargo xtask demo`, `test`, `up`, `bench`, `soak`, `mutants`, `providers`, `tidy`.

mod cache;
mod cargo;
mod claim;
mod mutants;
mod phase;
mod soak;
mod tasks;
mod tidy;

use std::{env, process::ExitCode};

const USAGE: &str = "usage: cargo xtask COMMAND

  demo [--once]        two services, four tenants, three tiers, driven with real tokens;
                       stays up until Ctrl-C, or with --once ends with a verdict
  up                   just the services it needs, with their URLs, until Ctrl-C
  test [NAME]          all tests, or those whose name contains NAME; what follows `--` goes to them
  bench NAME [--json]  one benchmark: sql, noisy, cancel, request, fair
  soak sql             the model test and the cancellations in full, for an hour or so;
                       [--operations N] [--seed S] [--minutes M] [--cancellations N]
  mutants [NAME...]    takes each defence out, one at a time, in a copy, and has the tests notice: some 30 s each
  providers            tests of a build with two providers of cryptography; by hand, it takes minutes
  tidy                 the rules of this code base that a program can check

Build output and what is installed live in TENANCY_CACHE, or in the user's cache folder.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["demo", rest @ ..] => tasks::demo(rest),
        ["up"] => tasks::demo(&["up"]),
        ["test", rest @ ..] => tasks::test(rest),
        ["bench", name, rest @ ..] if !name.starts_with('-') => tasks::bench(name, rest),
        ["soak", "sql", rest @ ..] => soak::sql(rest),
        ["mutants", names @ ..] if !names.iter().any(|name| name.starts_with('-')) => mutants::run(names),
        ["providers"] => tasks::providers(),
        ["tidy"] => tidy::run(),
        ["--help" | "-h" | "help"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
