//! What becomes of a job.

use std::time::Duration;

use tenancy_core::Error;

/// What becomes of a job that was taken from a queue.
#[derive(Debug)]
#[must_use = "it says whether to acknowledge the job, to put it back, or to lay it aside"]
pub enum JobOutcome {
    /// It was done: acknowledge it.
    Done,
    /// It was done before: acknowledge it.
    DoneBefore,
    /// It was not done: put it back, and not before this time.
    Retry {
        /// When to try again at the earliest.
        after: Duration,
        /// Why.
        reason: RetryReason,
        /// What the work or the resolver said.
        error: Option<Error>,
    },
    /// It never will be done: lay it aside (a dead letter), with the reason.
    Dead(DeadReason),
}

/// Why a job has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryReason {
    /// The tenant is suspended.
    Suspended,
    /// The tenant's place is being made.
    Provisioning,
    /// The tenant is being moved; after it, the context has the new place.
    Moving,
    /// Somebody does it now.
    Taken,
    /// Keys, directory, memberships or ledger can't be asked.
    Unavailable,
    /// The work failed, panicked or took too long.
    Failed,
}

/// Why a job is never done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeadReason {
    /// The envelope waited for too long.
    Expired,
    /// The envelope is not one of ours, or not for this job: the check that failed.
    Forged(String),
    /// The tenant was erased, is being erased, or never was.
    NoTenant,
    /// The tenant is not one of this deployment.
    OtherDeployment,
    /// The user is no longer a member of the tenant, or is a user of another.
    NoMember,
}
