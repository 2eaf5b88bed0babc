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

mod cypher;
mod handle;
mod instance;
mod migrate;
mod options;
mod read;
mod stores;
mod transaction;

mod deadline;
mod failure;
mod place;
mod pool;

pub use cypher::{Cypher, CypherError, Label, Name, ParseNameError, PropertyName, RelationshipType};
pub use failure::OutcomeUnknown;
pub use handle::GraphHandle;
pub use instance::{BoltUrl, GraphInstance, ParseBoltUrlError};
pub use migrate::{GraphMigration, migrate};
pub use options::GraphOptions;
pub use read::{GraphRead, Rows};
pub use stores::GraphStores;
pub use transaction::GraphTransaction;
