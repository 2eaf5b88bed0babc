//! Jobs: work that crosses a queue, and is checked again where it is done.

mod claims;
mod kind;
mod ledger;
mod opener;
mod outcome;
mod runner;
mod sealed;
mod sealer;

pub use self::kind::{JobKind, ParseJobKindError};
pub use self::ledger::LocalJobLedger;
pub use self::opener::{JobOpener, OpenError, OpenedJob};
pub use self::outcome::{DeadReason, JobOutcome, RetryReason};
pub use self::runner::JobRunner;
pub use self::sealed::{EnvelopeTooLong, TenantEnvelope};
pub use self::sealer::JobSealer;
