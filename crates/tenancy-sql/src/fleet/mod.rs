//! Schema migrations over every database of a fleet: shared cells and dedicated ones.
//!
//! # Flow
//!
//! [`lint`](lint::lint) reads the migrations; nothing runs while one of them is a hazard. Then the databases come in waves, a
//! few first. Each is connected to as its owner, locked against other migrators, brought to its version one migration, and one
//! transaction, at a time, given the runtime role's rights, and its new tables are proven to be fenced.
//!
//! # Guarantees
//!
//! - What a database says in its own migrations table is the truth: a run that was stopped or killed anywhere goes on where
//!   it ended, and applies nothing twice.
//! - The first failure that another database would repeat ends the run: what runs is ended, nothing more is begun. A database
//!   that is down, locked or busy is tried again, then reported, and stops no other.
//! - A contract step runs only where the version since which nothing reads what it takes away was applied before the run.
//! - Names are looked up in `public` and nowhere else; no statement waits for a lock, or runs, longer than its bound.
//!
//! # Assumptions
//!
//! Connections are direct, or pooled in session mode: the lock is the session's. A migration that begins with
//! `-- no-transaction` is one statement that may be repeated, which the lint holds it to.
//!
//! # Cost
//!
//! Some ten round trips a database that has nothing to do, and four more a migration.

mod class;
mod dependents;
pub mod lint;
mod list;
mod lock;
mod options;
mod pin;
mod record;
mod run;
mod session;
mod state;
mod step;
mod survey;
mod verify;
mod wave;

pub use self::{
    class::{Class, Failure},
    list::FleetList,
    options::FleetOptions,
    pin::Pin,
    record::{RecordError, RunRecord},
    run::{Ended, Event, Fleet, Outcome, RunReport, Stop},
    survey::{Skew, SkewReport},
    wave::{ParseWaveError, Wave},
};
