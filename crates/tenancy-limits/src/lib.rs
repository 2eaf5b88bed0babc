#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod address;
mod books;
mod config;
mod limits;
mod meters;
mod near;
mod proofs;
mod queue;
mod rate;
mod shared;
mod slots;

pub use config::{AddressLimit, LimitsConfig, QueueConfig, Room, Shadow, Weights};
pub use limits::TenantLimits;
pub use near::NearLimit;
pub use proofs::SharedProofs;
pub use shared::{SharedConfig, SharedError};
