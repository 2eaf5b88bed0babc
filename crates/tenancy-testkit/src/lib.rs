//! What tests of tenant-aware services need: a PostgreSQL and a Redis that start by themselves and leave nothing
//! behind, tenants and their contexts, a proxy that counts round trips and takes the line down, and a [suite](isolation) that asks a database
//! whether it keeps tenants apart.
//!
//! For tests and demonstrations only: a service that depends on it can forge tenants.
//!
//! ```
//! use tenancy_core::{Role, Tier};
//! use tenancy_testkit::{context, two_tenants};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (acme, globex) = two_tenants(Tier::Free);
//! let ctx = context(&acme, Role::Owner).await;
//! assert_ne!(ctx.tenant_id(), globex.id);
//! # }
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod account_server;
pub mod bench;
mod fixtures;
pub mod isolation;
mod key_server;
mod machine;
mod mint;
mod objects;
mod once;
mod pgbouncer;
mod postgres;
mod proxy;
mod redis;
mod service_key;

pub use account_server::{AccountAnswer, AccountServer};
pub use fixtures::{context, context_of, context_until, signed_in, tenant, two_tenants};
pub use key_server::{KeyAnswer, KeyServer};
pub use machine::ServerError;
pub use mint::{Signing, TokenDraft, TokenMint};
pub use objects::ObjectServer;
pub use once::{check_job_ledger, check_replay_guard};
pub use pgbouncer::{PgBouncer, Pooling};
pub use postgres::{Database, Postgres, PostgresError, Replica};
pub use proxy::CountingProxy;
pub use redis::Redis;
pub use service_key::ServiceKey;
