//! What the SDK adds to a request, in one process: the tower layer as a whole and by its parts, a cold token, an authorization, a
//! directory's answer.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that can't go on stops"
)]

mod authorize;
mod directory;
mod layer;
mod placement;
mod token;

use std::time::Duration;

use tenancy_testkit::bench::{Micro, Turns, print_micro};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let only = arguments
        .iter()
        .skip_while(|argument| *argument != "--only")
        .nth(1);
    let cases = [
        layer::cases(),
        token::cases(),
        authorize::cases(),
        directory::cases(),
        placement::cases(),
    ];
    let mut cases: Vec<Micro> = cases.into_iter().flatten().collect();
    if let Some(only) = only {
        // with what they are compared with
        let kept: Vec<&str> = cases
            .iter()
            .filter(|case| case.name().contains(only.as_str()))
            .flat_map(|case| [case.name(), case.baseline()])
            .collect();
        cases.retain(|case| kept.contains(&case.name()));
    }
    let turns = Turns {
        rounds: 9,
        batches: 30,
        batch: Duration::from_millis(5),
    };
    if !json {
        println!(
            "{} rounds of {} batches of about 5 ms",
            turns.rounds, turns.batches
        );
    }
    let rows = turns.run(&mut cases, |run| allocation_counter::measure(run).count_total);
    print_micro(&rows, json);
}
