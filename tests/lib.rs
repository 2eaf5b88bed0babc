//! What crosses crates lives in `it/`. This library is the one crate that the files in `ui/` are compiled against.

pub use sqlx;
pub use tenancy_core;
pub use tenancy_sql;
pub use tenancy_storage;
