#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )
)]

mod additions;
pub mod audit;
mod audit_log;
mod budget;
mod databases;
mod executor;
pub mod fleet;
mod handle;
mod migrate;
mod options;
mod pool;
mod quota;
mod read;
mod replica;
pub mod rls;
mod role;
pub mod seal;
mod server;
mod statement;
mod sweeper;
mod target;
mod transaction;

pub use additions::Additions;
pub use audit::{Finding, Unsafe};
pub use budget::{BudgetExhausted, Connections};
pub use databases::Databases;
pub use handle::SqlHandle;
pub use migrate::migrate;
pub use options::{Hygiene, PoolMode, PoolOptions};
pub use quota::SqlQuotaLedger;
pub use read::ReadConnection;
pub use replica::{ParsePositionError, Position, Staleness};
pub use role::{ParseRoleNameError, RoleName};
pub use server::DatabaseUrls;
pub use transaction::Transaction;
