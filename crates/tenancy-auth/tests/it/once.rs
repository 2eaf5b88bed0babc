//! What this process remembers, by the suite that the shared stores pass too.

use tenancy_auth::{LocalJobLedger, LocalReplayGuard};
use tenancy_testkit::{check_job_ledger, check_replay_guard};

#[tokio::test(start_paused = true)]
async fn the_local_guard_takes_a_proof_once() {
    for guard in [
        LocalReplayGuard::default(),
        LocalReplayGuard::of_one_tenant(1_000),
    ] {
        assert_eq!(check_replay_guard([&guard, &guard]).await, Ok(()));
    }
}

#[tokio::test(start_paused = true)]
async fn the_local_ledger_lets_a_job_be_done_once() {
    for ledger in [LocalJobLedger::default(), LocalJobLedger::of_one_tenant(1_000)] {
        assert_eq!(check_job_ledger([&ledger, &ledger]).await, Ok(()));
    }
}
