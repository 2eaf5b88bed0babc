//! What is asked for on the command line.

use std::time::Duration;

use tenancy_testkit::bench::Plan;

const USAGE: &str = "usage: cargo xtask bench sql [PART ..] [--json] [--rounds N] [--turn MS] [--tasks N,N]

parts: access tenants poolers seal policy leaky; all of them unless some are named
--json    one array on standard output; the demands go to standard error
--rounds  interleaved rounds, 9 (7 of the parts with many cases)
--turn    how long one case runs in a round, in milliseconds
--tasks   how many tasks run at a time, 1,8,32 (1 of the parts about one statement)";

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Access,
    Tenants,
    Poolers,
    Seal,
    Policy,
    Leaky,
}

const PARTS: [Part; 6] = [
    Part::Access,
    Part::Tenants,
    Part::Poolers,
    Part::Seal,
    Part::Policy,
    Part::Leaky,
];

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Tenants => "tenants",
            Self::Poolers => "poolers",
            Self::Seal => "seal",
            Self::Policy => "policy",
            Self::Leaky => "leaky",
        }
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Access => {
                "a query of 10 rows out of 200,000 of 10,000 tenants, 8 connections, drawn by Zipf of 1,000"
            }
            Self::Tenants => "the same, drawn by Zipf of 1, 100 and 10,000 tenants",
            Self::Poolers => {
                "the same behind PgBouncer, in transaction mode on 2 sessions and in session mode"
            }
            Self::Seal => "what the seal adds to each shape of query: hit, miss and transaction",
            Self::Policy => "row-level security and an explicit tenant, on 1,000,000 rows of 1,000 tenants",
            Self::Leaky => {
                "LIKE, jsonb and full text on 1,000,000 rows, and the forms that use an index behind the fence"
            }
        }
    }
}

/// What is asked for.
pub(crate) struct Options {
    pub(crate) parts: Vec<Part>,
    pub(crate) json: bool,
    rounds: Option<usize>,
    turn: Option<Duration>,
    tasks: Option<Vec<usize>>,
}

impl Options {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let mut options = Self {
            parts: vec![],
            json: false,
            rounds: None,
            turn: None,
            tasks: None,
        };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut number = || number(arguments.next());
            match argument.as_str() {
                "--json" => options.json = true,
                // cargo says so to every benchmark
                "--bench" => {}
                "--rounds" => options.rounds = Some(number()?),
                "--turn" => options.turn = Some(Duration::from_millis(number()? as u64)),
                "--tasks" => options.tasks = Some(numbers(arguments.next())?),
                name => {
                    let part = PARTS.into_iter().find(|part| part.name() == name);
                    options.parts.push(part.ok_or(USAGE)?);
                }
            }
        }
        if options.parts.is_empty() {
            options.parts = PARTS.to_vec();
        }
        Ok(options)
    }

    /// How much to measure, where nothing else is asked for.
    pub(crate) fn plan(&self, tasks: &[usize], rounds: usize, turn_ms: u64) -> Plan {
        Plan {
            tasks: self.tasks.clone().unwrap_or_else(|| tasks.to_vec()),
            rounds: self.rounds.unwrap_or(rounds),
            turn: self.turn.unwrap_or(Duration::from_millis(turn_ms)),
        }
    }
}

fn number(argument: Option<String>) -> Result<usize, &'static str> {
    let number = argument.and_then(|text| text.parse().ok());
    number.filter(|number| *number > 0).ok_or(USAGE)
}

fn numbers(argument: Option<String>) -> Result<Vec<usize>, &'static str> {
    let text = argument.ok_or(USAGE)?;
    text.split(',')
        .map(|part| number(Some(part.to_owned())))
        .collect()
}
