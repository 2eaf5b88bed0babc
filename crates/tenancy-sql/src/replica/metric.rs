//! Where reads went that could go to a replica, as a metric.

use super::Refusal;

/// Reads that could go to a replica, by outcome: `replica`, or why the primary was read.
const READS: &str = "tenancy_sql_replica_reads_total";

/// Why the primary is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primary {
    /// The replica was not proven to be fresh enough.
    Behind,
    /// It could not be reached, or is not proven to be a replica.
    Away,
    /// All of its connections are in use.
    Busy,
    /// The primary did not say in time where it is.
    Unsampled,
    /// It follows another history than the one that is asked for, or another database's.
    OtherHistory,
}

impl From<Refusal> for Primary {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Behind => Self::Behind,
            Refusal::OtherHistory | Refusal::OtherCluster | Refusal::OtherDatabase => Self::OtherHistory,
            Refusal::NoReplica => Self::Away,
        }
    }
}

/// Six values at most.
pub(super) fn record(outcome: Result<(), Primary>) {
    let outcome = match outcome {
        Ok(()) => "replica",
        Err(Primary::Behind) => "behind",
        Err(Primary::Away) => "away",
        Err(Primary::Busy) => "busy",
        Err(Primary::Unsampled) => "unsampled",
        Err(Primary::OtherHistory) => "other_history",
    };
    metrics::counter!(READS, "outcome" => outcome).increment(1);
}
