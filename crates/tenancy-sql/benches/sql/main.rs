//! What fenced database work costs, in one run and on one PostgreSQL: ours beside the raw pool, a transaction as it is
//! usually written, and others' ways. `docs/benchmarks.md` says what each case does.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a benchmark that can't go on stops, and it compares with the raw pool"
)]

mod access;
mod cell;
mod demand;
mod documents;
mod draw;
mod leaky;
mod options;
mod ours;
mod plans;
mod policy;
mod poolers;
mod rivals;
mod seal;
mod shapes;
mod tenants;

use options::{Options, Part};
use tenancy_testkit::{
    Postgres,
    bench::{Row, print},
};

#[tokio::main]
async fn main() {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            std::process::exit(2);
        }
    };
    let server = Postgres::start().await.unwrap();
    let mut all = Vec::new();
    for part in &options.parts {
        all.extend(run(*part, &server, &options).await);
    }
    server.stop().await.unwrap();
    let demands = demand::table(&all);
    if options.json {
        print(&all, true);
        eprint!("{demands}");
    } else {
        print!("{demands}");
    }
    if let Some(row) = all
        .iter()
        .find(|row| row.turns.iter().any(|turn| turn.p50_us.is_nan()))
    {
        eprintln!(
            "`{}` failed: its figures and those that compare with it say nothing",
            row.case
        );
        std::process::exit(1);
    }
}

async fn run(part: Part, server: &Postgres, options: &Options) -> Vec<Row> {
    let started = std::time::Instant::now();
    eprintln!("{}: {}", part.name(), part.what());
    let rows = match part {
        Part::Access => access::run(server, options).await,
        Part::Tenants => tenants::run(server, options).await,
        Part::Poolers => poolers::run(server, options).await,
        Part::Seal => seal::run(server, options).await,
        Part::Policy => policy::run(server, options).await,
        Part::Leaky => leaky::run(server, options).await,
    };
    eprintln!("{}: {:.0} s", part.name(), started.elapsed().as_secs_f64());
    if !options.json {
        print(&rows, false);
        println!();
    }
    rows
}
