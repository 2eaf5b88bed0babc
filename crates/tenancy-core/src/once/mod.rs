//! What is to happen once: a proof's use, and a job's work. `tenancy-auth` asks, and remembers within one process;
//! `tenancy-limits` remembers for all replicas.

mod job;
mod proof_id;
mod replay;

pub use self::job::{JobLedger, JobTurn, Turn};
pub use self::proof_id::ProofId;
pub use self::replay::ReplayGuard;
