//! Benchmarks that compare: cases take turns, so that a noisy machine hits all of them alike, and what is reported is a
//! ratio within a round.

mod awake;
mod measure;
mod micro;
mod report;
mod turns;

pub use self::awake::Awake;
pub use self::measure::{Case, Plan, Row, Turn, quantile};
pub use self::micro::Micro;
pub use self::report::{print, print_micro, print_objects};
pub use self::turns::{MicroRow, Turns};
